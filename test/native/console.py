"""A runtime's part for a terminal: console.py SOCKET PIDFILE COMMAND. Sends the master, starts the command on the slave."""
import array, fcntl, os, socket, sys, termios

path, pidfile, command = sys.argv[1:]
master, slave = os.openpty()
connection = socket.socket(socket.AF_UNIX)
connection.connect(path)
connection.sendmsg([b"/dev/ptmx"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [master]))])
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(slave, fd)
    os.closerange(3, 64)
    os.execv("/bin/sh", ["sh", "-c", command])
with open(pidfile + ".tmp", "w") as file:
    file.write(str(pid))
os.rename(pidfile + ".tmp", pidfile)
os._exit(0)  # the monitor is the parent of the command from here on
