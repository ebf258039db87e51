/**
 * The volume driver's face towards the engine.
 *
 * A volume is a folder with a record beside it; its name is unique on this
 * machine (per data root). Labels are opaque here.
 */

export type VolumeDriver = {
  open(): Promise<void>;
  /** Makes the volume unless it exists; returns it. */
  ensure(name: string, labels: Readonly<Record<string, string>>): Promise<Volume>;
  get(name: string): Promise<Volume | undefined>;
  list(): Promise<Volume[]>;
  /** VOLUME_NOT_FOUND when there is none. The folder is renamed away first, so that a half-removed volume is never seen. */
  remove(name: string): Promise<void>;
};

export type Volume = {
  readonly name: string;
  readonly createdAt: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The folder with the data. */
  readonly mountpoint: string;
};
