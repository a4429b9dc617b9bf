/** Where the engine puts things inside a container. */
/** The init program of --init. */
export const initDestination = '/run/podman-init';
