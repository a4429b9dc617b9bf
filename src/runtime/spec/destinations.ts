/** Where the engine puts things inside a container. */
/** The init program of --init. */
export const initDestination = '/run/podman-init';

/** Where the first process of a pod without an infra image is bound in. */
export const infraProgram = '/catatonit';
