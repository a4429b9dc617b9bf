/** The files and folders of one store: containers/storage ("Layout" in docs/shared-store.md). */
export interface StorePaths {
  graphRoot: string;
  runRoot: string;
  /** The driver's home: GRAPHROOT/overlay or GRAPHROOT/vfs. */
  home: string;
  /** One folder per layer. */
  layerFolders: string;
  /** Short names of overlay's layers: l/LINK -> ../ID/diff. */
  links: string;
  /** Layers being made or deleted, each under a lock of its own; next writer removes those whose maker died. */
  tempDirs: string;
  layerDir: string;
  /** As tempDirs, for tar-split files (`home` may be a mount point of its own: no rename between the two). */
  layerTempDirs: string;
  imageDir: string;
  containerDir: string;
  /** Where containers.json is: the run root for a transient store. */
  containerRecords: string;
  storageLock: string;
  layersJson: string;
  volatileLayersJson: string;
  layersLock: string;
  imagesJson: string;
  imagesLock: string;
  containersJson: string;
  volatileContainersJson: string;
  containersLock: string;
  mountpointsJson: string;
  mountpointsLock: string;
  containerRunDir: string;
}

export type DriverName = 'overlay' | 'vfs';

export interface PathOptions {
  driver?: DriverName;
  /** Records of containers are in the run root. */
  transient?: boolean;
}

export function storePaths(graphRoot: string, runRoot: string, options: PathOptions = {}): StorePaths {
  const { driver = 'overlay', transient = false } = options;
  const home = `${graphRoot}/${driver}`;
  const layerDir = `${graphRoot}/${driver}-layers`;
  const imageDir = `${graphRoot}/${driver}-images`;
  const containerDir = `${graphRoot}/${driver}-containers`;
  const containerRunDir = `${runRoot}/${driver}-containers`;
  const containerRecords = transient ? containerRunDir : containerDir;
  return {
    graphRoot,
    runRoot,
    home,
    layerFolders: driver === 'vfs' ? `${home}/dir` : home,
    links: `${home}/l`,
    tempDirs: `${home}/tempdirs`,
    layerDir,
    layerTempDirs: `${layerDir}/tmp`,
    imageDir,
    containerDir,
    containerRecords,
    storageLock: `${graphRoot}/storage.lock`,
    layersJson: `${layerDir}/layers.json`,
    volatileLayersJson: `${transient ? `${runRoot}/${driver}-layers` : layerDir}/volatile-layers.json`,
    layersLock: `${layerDir}/layers.lock`,
    imagesJson: `${imageDir}/images.json`,
    imagesLock: `${imageDir}/images.lock`,
    containersJson: `${containerRecords}/containers.json`,
    volatileContainersJson: `${containerRecords}/volatile-containers.json`,
    containersLock: `${containerRecords}/containers.lock`,
    mountpointsJson: `${runRoot}/${driver}-layers/mountpoints.json`,
    mountpointsLock: `${runRoot}/${driver}-layers/mountpoints.lock`,
    containerRunDir,
  };
}

/**
 * The file name of a big data item: the key itself when it has only [a-z0-9.], else `=` and its base64.
 * Same rule for images, layers and containers.
 */
export function bigDataFile(key: string): string {
  return /^[a-z0-9.]+$/.test(key) && key !== '.' && key !== '..' ? key : `=${Buffer.from(key).toString('base64')}`;
}
