/**
 * The volume driver's face towards the engine.
 *
 * A volume is a folder with a record beside it; its name is unique on this
 * machine (per data root). With driver options something else is mounted on
 * that folder while it is in use. Labels are opaque here.
 */

export type VolumeDriver = {
  open(): Promise<void>;
  /** Makes the volume unless it exists; returns it. */
  ensure(name: string, spec: VolumeSpec): Promise<Volume>;
  get(name: string): Volume | undefined;
  /** VOLUME_NOT_FOUND, with the name that was probably meant. */
  require(name: string): Volume;
  list(): Volume[];
  /** VOLUME_NOT_FOUND when there is none. The folder is renamed away first, so that a half-removed volume is never seen. */
  remove(name: string): Promise<void>;
  /** Makes the volume's content reachable and returns the folder it is in. VOLUME_FAILED, HOST_LACKS_PROGRAM. */
  use(name: string): Promise<string>;
  /** Unmounts what was mounted for volumes that `inUse` does not name; what can not be is logged and tried again later. */
  release(inUse: ReadonlySet<string>): Promise<void>;
  /** Whether nothing is in it, and the removal of all that is; it must be usable now (`use`). */
  isEmpty(name: string): Promise<boolean>;
  clear(name: string): Promise<void>;
  /** Bytes that its files take on the disk. */
  sizeOf(name: string): Promise<number>;
};

/** `type`, `o` and `device` of Docker's local driver, in the words of mount(8). */
export type DriverOptions = Readonly<Record<string, string>>;

export type VolumeSpec = { readonly labels: Readonly<Record<string, string>>; readonly options?: DriverOptions };

export type Volume = {
  readonly name: string;
  readonly createdAt: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: DriverOptions;
  /** The folder with the data. */
  readonly mountpoint: string;
};
