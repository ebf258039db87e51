/**
 * Who somebody is towards a registry.
 *
 * The values never reach a message, a log or a command line; only this type carries them.
 */
export type Secret =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** A token that is traded for others; OAuth 2 calls it a refresh token. */
  | { readonly kind: 'identity'; readonly token: string }
  /** A token that the registry itself takes. */
  | { readonly kind: 'bearer'; readonly token: string };

export function basicHeader({ user, password }: { readonly user: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
