import { tellMonitor } from './control.ts';

/** Tells the monitor the size of the terminal. A monitor that is gone is no error. */
export async function resize(ctlPath: string, rows: number, columns: number): Promise<void> {
  if (rows > 1000 || columns > 1000) return; // the monitor refuses them
  await tellMonitor(ctlPath, `1 ${rows} ${columns}`);
}
