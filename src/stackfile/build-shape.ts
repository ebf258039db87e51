/**
 * The long form of `build`. Compose Specification, build.
 */
import { ulimits } from './limit-shape.ts';
import { fileUse } from './mount-shape.ts';
import { extraHosts } from './service-network-shape.ts';
import { attr, boolean, bytes, list, mapping, object, openMapping, text, textOrBoolean, textOrList } from './shape.ts';

export const build = object({
  context: attr('the folder, or a Git repository', './web', text, '.'),
  dockerfile: attr('the Dockerfile, relative to the context', 'web.Dockerfile', text, 'Dockerfile'),
  dockerfile_inline: attr('the Dockerfile itself', 'FROM alpine', text),
  args: attr('arguments of the build', { VERSION: '1.2' }, openMapping),
  target: attr('stage to build', 'production', text),
  additional_contexts: attr('further contexts by name: folders, images, services', { base: 'service:base' }, mapping),
  cache_from: attr('where cached steps come from', ['type=registry,ref=app:cache'], list(text)),
  cache_to: attr('where cached steps go', ['type=local,dest=.cache'], list(text)),
  no_cache: attr('build every step anew', true, boolean, false),
  no_cache_filter: attr('stages to build anew', ['production'], textOrList),
  pull: attr('look for newer base images', true, boolean, false),
  network: attr('network of the steps: none, host or a name', 'none', text),
  labels: attr('labels of the image', { 'org.example.team': 'web' }, mapping),
  tags: attr('further names of the image', ['app:latest'], list(text)),
  platforms: attr('what the image is built for', ['linux/amd64'], list(text)),
  secrets: attr('secrets for the steps', ['npm_token'], list(fileUse)),
  ssh: attr('agents and keys of SSH for the steps', ['default'], openMapping),
  shm_size: attr('size of /dev/shm in the steps', '256m', bytes),
  extra_hosts: attr('names for /etc/hosts in the steps', ['db:10.0.0.2'], extraHosts),
  ulimits: attr('limits of the kernel in the steps', { nofile: 40_000 }, ulimits),
  privileged: attr('steps run with all capabilities', true, boolean, false),
  isolation: attr('isolation technology of Windows', 'default', text),
  entitlements: attr('what the builder may do beyond the usual', ['network.host'], list(text)),
  provenance: attr('describe in the image how it was built', 'mode=max', textOrBoolean),
  sbom: attr('list in the image what it consists of', true, textOrBoolean),
});
