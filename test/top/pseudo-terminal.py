# Runs a program in a pseudo-terminal: its screen is standard output, its keys are standard input. Descriptor 3 takes commands,
# a line each: `size COLUMNS LINES`, `modes`. Descriptor 4 tells, a line of JSON each: the answer to `modes`, and the end.
import fcntl, json, os, pty, select, signal, struct, sys, termios

columns, lines, *command = sys.argv[1:]


def resize(columns, lines):
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", int(lines), int(columns), 0, 0))


def modes():
    flags = termios.tcgetattr(master)[3]
    return {"canonical": bool(flags & termios.ICANON), "echo": bool(flags & termios.ECHO)}


def tell(what):
    os.write(4, (json.dumps(what) + "\n").encode())


pid, master = pty.fork()
if pid == 0:
    os.close(3)
    os.close(4)
    # The size is there before the program looks.
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", int(lines), int(columns), 0, 0))
    os.execvp(command[0], command)

tell({"pid": pid})
# Whoever reads has gone: the program goes too.
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
sources = [master, 0, 3]
last = None
ended = None
while True:
    ready, _, _ = select.select(sources, [], [], 0.05)
    if master in ready:
        try:
            data = os.read(master, 65536)
        except OSError:
            data = b""
        if data:
            os.write(1, data)
        else:
            sources.remove(master)
    if 0 in ready:
        data = os.read(0, 65536)
        if data:
            os.write(master, data)
        else:
            sources.remove(0)
    if 3 in ready:
        data = os.read(3, 65536)
        if not data:
            # The test has ended.
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            sys.exit(0)
        for line in data.decode().splitlines():
            name, *words = line.split()
            if name == "size":
                resize(*words)
            else:
                tell({"modes": modes()})
    if ended is None:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            ended = os.waitstatus_to_exitcode(status)
            last = modes()
    elif not ready:
        tell({"code": ended, "modes": last})
        sys.exit(0)
