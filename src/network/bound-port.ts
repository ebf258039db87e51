/**
 * One host address and port held by a socket of ours.
 *
 * DNAT alone binds nothing: without this, another program could take the port
 * and never get a packet. The socket also forwards what reaches it: [::1],
 * which the kernel can not DNAT to version 4.
 */
export type Target = { readonly address: string; readonly port: number };

export type BoundPort = {
  readonly port: number;
  /** Where what arrives goes; until then it is refused. */
  forwardTo(target: Target): void;
  close(): Promise<void>;
};
