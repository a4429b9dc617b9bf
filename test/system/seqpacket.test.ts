import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectAttach } from '../../src/system/seqpacket.ts';

// A server as conmon is one: sends two packets, then all that it gets, and says how many packets these were.
const server = `import os,socket,sys
d=os.open(sys.argv[1],os.O_PATH)
s=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET); s.bind('/proc/self/fd/%d/attach'%d); s.listen(1); print('up',flush=True)
c,_=s.accept(); c.send(b'\\x02'+b'o'*8192); c.send(b'\\x03err')
n=0; size=0
while True:
  b=c.recv(65536)
  if not b: break
  n+=1; size+=len(b)
c.send(b'\\x02%d %d'%(n,size)); c.close()`;

let dir: string;
let child: ChildProcess;
beforeEach(async () => {
  dir = mkdtempSync('/tmp/tspod-seq-');
  mkdirSync(`${dir}/${'x'.repeat(120)}`);
  child = spawn('python3', ['-c', server, `${dir}/${'x'.repeat(120)}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout!, 'data');
});
afterEach(() => {
  child.kill();
  rmSync(dir, { recursive: true });
});

describe('connectAttach', () => {
  it('keeps packets apart in both directions, over a path longer than an address', async () => {
    const socket = connectAttach(`${dir}/${'x'.repeat(120)}/attach`);
    const packets: string[] = [];
    socket.onPacket((stream, data) => packets.push(`${stream}:${data.length > 100 ? data.length : data}`));
    await socket.write(Buffer.alloc(100_000, 'i'));
    await socket.write(Buffer.from('last'));
    socket.shutdownWrite();
    await socket.closed;
    expect(packets).toEqual(['2:8192', '3:err', '2:5 100004']);
  });

  it('rejects writes after the end', async () => {
    const socket = connectAttach(`${dir}/${'x'.repeat(120)}/attach`);
    socket.close();
    await socket.closed;
    await expect(socket.write(Buffer.from('x'))).rejects.toThrow();
  });

  it('throws for a socket that is not there', () => {
    expect(() => connectAttach(`${dir}/none`)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
});
