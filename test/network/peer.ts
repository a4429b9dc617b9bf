/** A server or a client for tests. `serve tcp PORT` answers with the address it sees; `ask tcp HOST PORT` prints that. */
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';

const [mode, protocol, ...rest] = process.argv.slice(2);
const done = (text: string) => {
  process.stdout.write(text);
  process.exit(0);
};

if (mode === 'serve') serve(Number(rest[0]));
else ask(rest[0] ?? '', Number(rest[1]));

function serve(port: number): void {
  if (protocol === 'tcp') {
    const server = createServer((socket) => socket.end((socket.remoteAddress ?? '').replace('::ffff:', '')));
    server.listen(port, () => process.stdout.write('ready'));
  } else {
    const socket = createSocket('udp4');
    socket.on('message', (_, from) => socket.send(from.address, from.port, from.address));
    socket.bind(port, () => process.stdout.write('ready'));
  }
}

function ask(host: string, port: number): void {
  setTimeout(() => done('timeout'), 1500);
  if (protocol === 'tcp') {
    const socket = connect(port, host);
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('end', () => done(text));
    socket.on('error', (error) => done((error as NodeJS.ErrnoException).code ?? 'error'));
  } else {
    const socket = createSocket('udp4');
    socket.on('message', (data) => done(String(data)));
    socket.on('error', () => done('error'));
    socket.connect(port, host, () => socket.send('hello'));
  }
}
