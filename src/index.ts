/**
 * tspod as a library. An `Engine` is what every use case takes first; nothing here prints, and every error that a caller
 * can do something about is a `TspodError` with a code from a closed list.
 */
export { Engine, type EngineOptions } from './engine.ts';
export { type ErrorCode, hasCode, TspodError } from './errors.ts';
export { imageHistory } from './image/history.ts';
export { inspectImage } from './image/inspect.ts';
export { listImages } from './image/list.ts';
export { loadArchive } from './image/load.ts';
export { resolveImage } from './image/lookup.ts';
export { pullImage } from './image/pull.ts';
export { removeImages } from './image/remove.ts';
export { tagImage, untagImage } from './image/tag.ts';
export { createNetwork } from './network/create-network.ts';
export { inspectNetwork } from './network/inspect.ts';
export { findNetwork, loadNetworks } from './network/network-store.ts';
export { removeNetwork } from './network/remove-network.ts';
export { type NewContainer, newContainer } from './new-container.ts';
export { attachContainer } from './runtime/attach.ts';
export { type AttachSocket, type AttachStream, connectContainer, resizeTerminal } from './runtime/client.ts';
export type { Container, ContainerConfig, ContainerState } from './runtime/container.ts';
export { type ExecRequest, execAttached, execDetached } from './runtime/exec.ts';
export { inspectContainer } from './runtime/inspect/inspect.ts';
export { killContainer } from './runtime/kill.ts';
export { containerLogs, type LogsRequest } from './runtime/logs/container-logs.ts';
export { pauseContainer, unpauseContainer } from './runtime/pause.ts';
export { inspectPod } from './runtime/pod/inspect.ts';
export { listPods } from './runtime/pod/ps.ts';
export { removePod } from './runtime/pod/remove.ts';
export { startPod } from './runtime/pod/start.ts';
export { stopPod } from './runtime/pod/stop.ts';
export { pruneContainers } from './runtime/prune.ts';
export { listContainers } from './runtime/ps.ts';
export { removeContainer } from './runtime/remove.ts';
export { renameContainer } from './runtime/rename.ts';
export { restartContainer } from './runtime/restart.ts';
export { selectContainers } from './runtime/select.ts';
export { startContainer } from './runtime/start.ts';
export { stopContainer } from './runtime/stop.ts';
export { topContainer } from './runtime/top.ts';
export { waitContainer } from './runtime/wait.ts';
