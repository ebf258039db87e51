/**
 * `up` and its plan: from a request to the executed steps.
 */
import { BerthError } from '../base/errors.ts';
import type { Service, Stack } from '../model/stack.ts';
import { isStandalone } from '../model/standalone.ts';
import { fixedPublishes, refuseLackingRanges } from './allocate-ports.ts';
import { checkVolumes } from './check-volumes.ts';
import { factsOf } from './container-facts.ts';
import { positionOf } from './definition-diff.ts';
import type { Desired } from './desired.ts';
import type { EngineEvent, UpRequest, UpResult, Watch } from './engine.ts';
import { ensureImages, isToBePulled } from './ensure-images.ts';
import { execute } from './execute.ts';
import { refuseOtherPlan } from './expected-plan.ts';
import { reportCommand } from './history/report.ts';
import { requireMountImages } from './mount-sources.ts';
import { observe, recordsOf } from './observe.ts';
import type { Observed } from './observed.ts';
import type { Operation } from './ops/operation.ts';
import { performing } from './ops/perform.ts';
import type { Plan } from './plan.ts';
import { effectsOf } from './plan-effects.ts';
import { withKnownVariables } from './provided-variables.ts';
import { reconcile } from './reconcile.ts';
import { requireImage } from './require-image.ts';
import { failureNotes, rollbackOf, rolledBack } from './rollback.ts';
import { selectServices } from './select-services.ts';
import { refuseForeignOrphans, refuseOtherFolder } from './stack-folder.ts';
import { summarize } from './summary.ts';
import { withTimeout } from './with-timeout.ts';
import type { World } from './world.ts';

/** What up() would do; writes nothing. */
export async function planUp(world: World, request: UpRequest): Promise<Plan> {
  const { plan } = await prepare(world, request);
  return { ...plan, effects: effectsOf(plan, await factsOf(world, plan, request.graceMs)) };
}

/** Plans, checks what can be checked before anything is touched, executes. `because`: the event that led to it. */
export async function up(world: World, request: UpRequest, watch: Watch = {}, because?: number): Promise<UpResult> {
  /* An image is in use when its container is there; a prune before that would take it. */
  const release = world.images.hold(imagesOf(servicesOf(request)));
  try {
    return await bringUp(world, request, watch, because);
  } finally {
    release();
  }
}

function imagesOf(services: readonly Service[]): string[] {
  const mounted = services.flatMap(({ mounts }) => mounts.filter((mount) => mount.kind === 'image'));
  return [...services.map(({ image }) => image), ...mounted.map(({ source }) => source)].filter((one) => one !== '');
}

async function bringUp(world: World, request: UpRequest, watch: Watch, because?: number): Promise<UpResult> {
  const { positions, pull: policy, env = {} } = request;
  await ensureImages(world, { services: servicesOf(request), positions, policy, env }, watch);
  const { desired, plan, observed } = await prepare(world, request);
  if (request.expected) refuseOtherPlan(request.expected, plan);
  noteOrphans(desired, observed, watch);
  refuseOtherFolder(world, desired.stack, 'up');
  if (desired.removeOrphans) refuseForeignOrphans(world, desired.stack);
  checkVolumes(world, desired.stack, desired.positions, watch);
  await refusePortClashes(world, desired, plan);
  await rememberStack(world, desired);
  const cause = because ?? reportCommand(world, 'up', { stack: desired.stack.name, by: request.by });
  const carryOut = (what: Desired, steps: Plan, limited: Watch) =>
    execute(steps, performing(operationOf(world, what, { request, cause })), {
      ...limited,
      parallel: request.parallel,
    });
  const notes = failureNotes(plan);
  const onEvent = (event: EngineEvent) => {
    notes.note(event);
    watch.onEvent?.(event);
  };
  const noting = { ...watch, onEvent };
  try {
    await withTimeout(request, noting, (limited) => carryOut(desired, plan, limited));
  } catch (error) {
    await forgetFailed(world, desired.stack.name);
    const back = rollbackOf(desired, observed, notes.services());
    if (!back) throw error;
    await carryOut(back, reconcile(back, await observe(world, desired.stack.name)), watch);
    throw rolledBack(error, back.selected);
  }
  return { plan, containers: recordsOf(world, desired.stack.name).map((record) => summarize(world, record)) };
}

/** up(), when it has nothing to do and nothing to tell; else null, and nothing was done. */
export async function upAgain(world: World, request: UpRequest): Promise<UpResult | null> {
  const { desired, plan, observed } = await prepare(world, request);
  let told = false;
  const watch = { onEvent: () => (told = true) };
  noteOrphans(desired, observed, watch);
  checkVolumes(world, desired.stack, desired.positions, watch);
  /* An image that is not there is pulled, which takes time and wants to be watched. */
  if (told || plan.steps.length > 0 || desired.imageIds.size < desired.selected.size) return null;
  refuseOtherFolder(world, desired.stack, 'up');
  await rememberStack(world, desired);
  reportCommand(world, 'up', { stack: desired.stack.name, by: request.by });
  return { plan, containers: recordsOf(world, desired.stack.name).map((record) => summarize(world, record)) };
}

/** The stack of a container that was never made: nobody could name it again. */
async function forgetFailed(world: World, stack: string): Promise<void> {
  if (isStandalone(stack) && recordsOf(world, stack).length === 0) await world.store.stacks.delete(stack);
}

function operationOf(
  world: World,
  desired: Desired,
  { request, cause }: { request: UpRequest; cause: number },
): Operation {
  const { stack, positions } = desired;
  return {
    world,
    stack,
    positions,
    secrets: request.secrets,
    graceMs: request.graceMs,
    autoRemove: request.autoRemove,
    created: new Map(),
    failures: new Map(),
    cause,
  };
}

async function prepare(world: World, request: UpRequest) {
  const desired = await desiredOf(world, request);
  const observed = await observe(world, desired.stack.name);
  return { desired, observed, plan: reconcile(desired, observed) };
}

async function desiredOf(world: World, request: UpRequest): Promise<Desired> {
  const own = scaled(request.stack, request.scale ?? {});
  const stack = withKnownVariables(own, request.providers, recordsOf(world, own.name));
  const selected = selectServices(stack, request.services, { withDependencies: !request.noDeps });
  const services = stack.services.filter((s) => selected.has(s.name));
  const images = await Promise.all(services.map((service) => imageIdOf(world, request, service)));
  await requireMountImages(world, services, request.positions);
  return {
    stack,
    positions: request.positions,
    imageIds: new Map(services.flatMap((service, index) => (images[index] ? [[service.name, images[index]]] : []))),
    selected,
    forceRecreate: request.forceRecreate ?? false,
    renewed:
      request.alwaysRecreateDeps && request.services.length > 0
        ? new Set([...selected].filter(isDependency(request)))
        : undefined,
    rerun: new Set(request.rerun),
    needs: request.needs,
    noRecreate: request.noRecreate ?? false,
    removeOrphans: request.removeOrphans ?? false,
    noStart: request.noStart ?? false,
    renewVolumes: request.renewVolumes ?? false,
    ignoreOrphans: request.ignoreOrphans ?? false,
    allResources: request.allResources ?? false,
    wait: request.wait ?? false,
  };
}

function servicesOf(request: UpRequest): readonly Service[] {
  const selected = selectServices(request.stack, request.services, { withDependencies: !request.noDeps });
  return request.stack.services.filter((s) => selected.has(s.name));
}

/** undefined for one that `up` would fetch first: a plan changes nothing, and so has no id to compare. */
async function imageIdOf(world: World, request: UpRequest, service: Service): Promise<string | undefined> {
  const stored = await world.images.resolve(service.image);
  if (stored) return stored.id;
  if (await isToBePulled(world, service, request.pull)) return undefined;
  return (await requireImage({ world, positions: request.positions }, service)).id;
}

/** Is it in the selection because others need it? */
function isDependency({ stack, services }: UpRequest): (name: string) => boolean {
  return (name) => !services.includes(name) && stack.services.some((s) => s.dependsOn.some((d) => d.service === name));
}

function scaled(stack: Stack, scale: Readonly<Record<string, number>>): Stack {
  for (const name of Object.keys(scale)) selectServices(stack, [name], { withDependencies: false });
  const services = stack.services.map((s) => (Object.hasOwn(scale, s.name) ? { ...s, replicas: scale[s.name]! } : s));
  return { ...stack, services };
}

/** Services that are not acted on keep their place in the record, so that a partial up forgets nothing. */
async function rememberStack(world: World, desired: Desired): Promise<void> {
  const { stack, positions } = desired;
  const record = { stack, positions, volumes: stack.volumes.filter((v) => !v.external).map((v) => v.name) };
  const known = world.store.stacks.get(stack.name);
  if (JSON.stringify(known) !== JSON.stringify(record)) await world.store.stacks.put(stack.name, record);
}

function noteOrphans(desired: Desired, observed: Observed, watch: Watch): void {
  if (desired.removeOrphans || desired.ignoreOrphans) return;
  const known = new Set(desired.stack.services.map((s) => s.name));
  const orphans = observed.containers.filter((c) => !known.has(c.service)).map((c) => c.name);
  if (orphans.length === 0) return;
  const text = `containers of services that are not in the stack: ${orphans.join(', ')}; --remove-orphans removes them`;
  watch.onEvent?.({ type: 'notice', level: 'warning', text });
}

/** Ports that somebody else holds fail the whole up before anything is started, all of them at once. */
async function refusePortClashes(world: World, desired: Desired, plan: Plan): Promise<void> {
  const creating = new Set(plan.steps.flatMap(({ op }) => (op.kind === 'create-container' ? [op.service] : [])));
  const services = desired.stack.services.filter((s) => creating.has(s.name));
  const own = recordsOf(world, desired.stack.name).flatMap((r) => r.publishes);
  const wanted = services
    .flatMap((s) => fixedPublishes(s, desired.stack))
    .filter((w) => !own.some((p) => p.hostPort === w.hostPort && p.protocol === w.protocol && p.holder === w.holder));
  const clashes = wanted.length === 0 ? [] : await world.network.portClashes(wanted);
  if (clashes.length === 0) {
    for (const service of services) await refuseLackingRanges(world, desired, service);
    return;
  }
  const lines = clashes.map(
    (c) =>
      `port ${c.hostIp.includes(':') ? `[${c.hostIp}]` : c.hostIp}:${c.hostPort}/${c.protocol} wanted by ${c.wantedBy} is taken by ${c.holder}`,
  );
  const service = services.find((s) => clashes[0]?.wantedBy.endsWith(`/${s.name}`));
  throw new BerthError('PORT_TAKEN', lines.join('\n'), {
    at: service && portPosition(desired, service, clashes[0]!.hostPort),
    hint: 'end that program, or publish another host port; without a host port berth picks a free one',
  });
}

function portPosition(desired: Desired, service: Service, hostPort: number) {
  const index = service.ports.findIndex(
    (p) => p.published && p.published.first <= hostPort && hostPort <= p.published.last,
  );
  return positionOf(desired.positions, `services.${service.name}.ports[${index}]`);
}
