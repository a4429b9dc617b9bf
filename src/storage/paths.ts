/** The files and folders of one store: containers/storage, overlay driver ("Layout" in docs/shared-store.md). */
export interface StorePaths {
  graphRoot: string;
  runRoot: string;
  /** The driver's home: one folder per layer. */
  overlay: string;
  /** Short names of layers: l/LINK -> ../ID/diff. */
  links: string;
  /** Layers being made or deleted, each under a lock of its own; next writer removes those whose maker died. */
  tempDirs: string;
  layerDir: string;
  /** As tempDirs, for tar-split files (`overlay` may be a mount point of its own: no rename between the two). */
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

export function storePaths(graphRoot: string, runRoot: string, transient = false): StorePaths {
  const overlay = `${graphRoot}/overlay`;
  const layerDir = `${graphRoot}/overlay-layers`;
  const imageDir = `${graphRoot}/overlay-images`;
  const containerDir = `${graphRoot}/overlay-containers`;
  const containerRunDir = `${runRoot}/overlay-containers`;
  const containerRecords = transient ? containerRunDir : containerDir;
  return {
    graphRoot,
    runRoot,
    overlay,
    links: `${overlay}/l`,
    tempDirs: `${overlay}/tempdirs`,
    layerDir,
    layerTempDirs: `${layerDir}/tmp`,
    imageDir,
    containerDir,
    containerRecords,
    storageLock: `${graphRoot}/storage.lock`,
    layersJson: `${layerDir}/layers.json`,
    volatileLayersJson: `${transient ? `${runRoot}/overlay-layers` : layerDir}/volatile-layers.json`,
    layersLock: `${layerDir}/layers.lock`,
    imagesJson: `${imageDir}/images.json`,
    imagesLock: `${imageDir}/images.lock`,
    containersJson: `${containerRecords}/containers.json`,
    volatileContainersJson: `${containerRecords}/volatile-containers.json`,
    containersLock: `${containerRecords}/containers.lock`,
    mountpointsJson: `${runRoot}/overlay-layers/mountpoints.json`,
    mountpointsLock: `${runRoot}/overlay-layers/mountpoints.lock`,
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
