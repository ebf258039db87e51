/**
 * Questions about a container's attachments.
 */
import type { Attachment, ContainerRecord } from './records.ts';

/** The addresses that others reach it by. */
export function addressesOf({ address, address6 }: Attachment): string[] {
  return [address, address6].filter((one) => one !== null);
}

/** Where published ports lead to: the network that is the way out, else the first. */
export function mainAttachment({ attachments }: ContainerRecord): Attachment | undefined {
  return attachments.find((a) => a.gateway !== null || a.gateway6 !== null) ?? attachments[0];
}

/** The address on the machine's side that stands for the machine. */
export function hostGatewayOf(record: ContainerRecord): string | undefined {
  const main = mainAttachment(record);
  return main?.gateway ?? main?.resolver ?? main?.gateway6 ?? undefined;
}

/** Where names are asked: a network with a way out before one without, since it knows more. */
export function resolverOf(record: ContainerRecord): string | undefined {
  const main = mainAttachment(record);
  return main?.resolver ?? record.attachments.find((a) => a.resolver !== null)?.resolver ?? undefined;
}
