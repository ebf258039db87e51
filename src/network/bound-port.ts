/**
 * One host address and port held by a socket of ours.
 *
 * DNAT alone binds nothing: without this, another program could take the port
 * and never get a packet. The socket also forwards what reaches it, because
 * the kernel can not DNAT it: [::1], which has no route_localnet, link-local
 * addresses, which are not routed, and what is for a container of the other
 * version.
 */
export type Target = { readonly address: string; readonly port: number };

export type BoundPort = {
  readonly port: number;
  /** Where what arrives goes; until then it is refused. */
  forwardTo(target: Target): void;
  close(): Promise<void>;
};
