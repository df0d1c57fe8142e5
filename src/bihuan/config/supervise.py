"""`bihuan up` and `bihuan down`: the web server and the worker, started together and stopped together.

Standard library only, in a process of its own: it outlives what it starts and holds no database open. While it runs
it holds a lock on `up.lock` in the home folder; a process id written there without the lock is stale.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import IO, Any, NoReturn

from bihuan.config import environment, first_start

START_SECONDS = 90  # until the address must answer
PORT_SECONDS = 4  # for a server that was killed just now to let go of its port
STOP_SECONDS = 20  # for a request and a job to come to their end
PROGRAMS = ("serve", "worker")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Lock:
    """Who supervises this home folder: held while the supervisor lives, with its process id and port inside."""

    def __init__(self) -> None:
        self.path = environment.home() / "up.lock"
        self.stream: IO[str] | None = None

    def take(self) -> bool:
        environment.make_home()
        self.stream = self.path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(self.stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.stream.close()
            return False
        self.write({"pid": os.getpid(), "port": environment.port()})
        return True

    def write(self, holder: dict[str, Any]) -> None:
        assert self.stream is not None
        self.stream.seek(0)
        self.stream.truncate()
        self.stream.write(json.dumps(holder))
        self.stream.flush()

    def holder(self) -> dict[str, Any] | None:
        """What the holder wrote, or None where nobody holds it."""
        try:
            with self.path.open("r+", encoding="utf-8") as stream:
                try:
                    fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    found: dict[str, Any] = json.loads(stream.read() or "{}")
                    return found
        except FileNotFoundError:
            pass
        return None


@contextlib.contextmanager
def one_at_a_time() -> Iterator[int]:
    """From the look at what is there until the address answers: a second start waits, then finds the first running.

    Yields the lock's file number, for the child that makes the company: should this process be killed meanwhile, the
    next start waits for that child to be gone before it clears away what the child wrote.
    """
    path = environment.make_home() / "starting.lock"
    with path.open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("另一次启动正在进行，等待其完成… · another start is under way here; waiting for it …")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield stream.fileno()


def address(port: int | None = None) -> str:
    return f"http://127.0.0.1:{port or environment.port()}/"


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/accounts/login/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def port_is_free(port: int, seconds: float = PORT_SECONDS) -> bool:
    """Whether the port can be had, if need be after a moment."""
    deadline = time.monotonic() + seconds
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                if time.monotonic() > deadline:
                    return False
            else:
                return True
        time.sleep(0.2)


def refuse_port(port: int) -> int:
    say(f"端口 {port} 已被其他程序占用。请关闭该程序，或换一个端口：BIHUAN_PORT={port + 1} make up")
    say(f"Port {port} is taken by another program. Stop it, or use another: BIHUAN_PORT={port + 1} make up")
    return 1


def announce(detached: bool) -> None:
    """Prints where to go and how to sign in, for people to read."""
    lines = ["", "  闭环 Bihuan 已启动 · is running", ""]
    lines.append(f"  地址 · address   {address()}")
    people = first_start.sign_ins()
    shared = {one["password"] for one in people}
    for at, one in enumerate(people):
        label = "登录 · sign in  " if at == 0 else " " * 16
        secret = one["password"] if len(shared) > 1 else ""
        lines.append(f"  {label} {one['username']:<12} {one.get('role', '')} {secret}".rstrip())
    if len(shared) == 1:
        lines.append(f"  密码 · password  {shared.pop()}")
    stop = "make down" if detached else "Ctrl-C"
    lines += [f"  停止 · stop      {stop}", f"  数据 · data      {environment.home()}", ""]
    say("\n".join(lines))


# ------------------------------------------------------------ in the foreground


class Supervisor:
    """Runs both programs until a signal comes or one of them ends; then ends the other."""

    def __init__(self, lock: Lock) -> None:
        self.lock = lock
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = False

    def run(self, *, quiet: bool) -> int:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.stop)
        for word in PROGRAMS:
            self.children[word] = start_program(word)
        try:
            if not self.wait_until_up():
                return 1
            if not quiet:
                announce(detached=False)
            while not self.stopping:
                if self.someone_ended():
                    return 1
                time.sleep(0.3)
            return 0
        finally:
            self.end_children()

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def wait_until_up(self) -> bool:
        """Whether the address answers in time; False after a message when it does not."""
        deadline = time.monotonic() + START_SECONDS
        while not self.stopping:
            if self.someone_ended():
                return False
            if answers(environment.port()):
                return True
            if time.monotonic() > deadline:
                say(f"{START_SECONDS} 秒内未能启动 · did not answer within {START_SECONDS} s: {address()}")
                return False
            time.sleep(0.2)
        return True

    def someone_ended(self) -> bool:
        for word, child in self.children.items():
            status = child.poll()
            if status is not None and not self.stopping:
                say(
                    f"bihuan {word} 意外退出（{status}），全部停止 · ended with status {status}; stopping all"
                )
                return True
        return False

    def end_children(self) -> None:
        end_groups([child.pid for child in self.children.values()])
        for child in self.children.values():
            child.wait()


def start_program(word: str) -> subprocess.Popen[bytes]:
    """One program in a process group of its own, so that Ctrl-C reaches the supervisor alone and each ends in order."""
    command = [sys.executable, "-m", "bihuan.config", word]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=first_start.end_with_parent
    )


def end_groups(groups: list[int]) -> None:
    """Asks the process groups to end, and after STOP_SECONDS ends what is left of them."""
    for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5)):
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            groups = [group for group in groups if group_lives(group)]
            if not groups:
                return
            time.sleep(0.1)


def group_lives(group: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(group, os.WNOHANG)
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


# ------------------------------------------------------------ the commands


def up(*, pack: str | None, detach: bool) -> int:
    with one_at_a_time() as starting:
        lock = Lock()
        holder = lock.holder()
        if holder is not None:
            if pack and (status := first_start.prepare(pack, keep_open=starting)):
                return status
            where = address(holder.get("port"))
            say(f"已在运行 · already running: {where}\n停止 · stop: make down")
            return 0 if detach else 1
        port = environment.port()
        if not port_is_free(port):
            return refuse_port(port)
        if status := first_start.prepare(pack, keep_open=starting):
            return status
        if detach:
            return start_detached()
        lock.take()
    return Supervisor(lock).run(quiet=False)


def stay_up() -> int:
    """The supervisor that `up --detach` leaves behind: everything was seen to before it was started."""
    lock = Lock()
    return Supervisor(lock).run(quiet=True) if lock.take() else 1


def start_detached() -> int:
    """Starts a supervisor that goes on by itself, and returns when the address answers."""
    log = environment.home() / "log" / "up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as stream:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "bihuan.config.supervise", "up", "--quiet"],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if supervisor.poll() is not None:
            break
        if answers(environment.port()) and Lock().holder() is not None:
            announce(detached=True)
            return 0
        time.sleep(0.2)
    say(f"未能启动，日志 · could not start; the log is {log}")
    say("\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:]))
    return 1


def down() -> int:
    lock = Lock()
    holder = lock.holder()
    if holder is None:
        say("没有在运行 · not running")
        return 0
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(holder["pid"]), signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS + 10
    while lock.holder() is not None:
        if time.monotonic() > deadline:
            say(f"未能停止进程 {holder['pid']} · process {holder['pid']} did not stop")
            return 1
        time.sleep(0.1)
    say("已停止 · stopped")
    return 0


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bihuan")
    words = parser.add_subparsers(dest="word", required=True)
    add_up(words.add_parser("up"))
    words.add_parser("down")
    options = parser.parse_args(argv)
    try:
        if options.word == "down":
            return down()
        return stay_up() if options.quiet else up(pack=options.pack, detach=options.detach)
    except OSError as error:  # a full disk, a folder that cannot be written
        say(f"无法完成：{error} · It could not be done: {error}")
        return 1
    except KeyboardInterrupt:
        return 130


def add_up(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pack", help="industry of a new company · 新公司的行业包")
    parser.add_argument("--detach", action="store_true", help="return when the address answers · 后台运行")
    parser.add_argument("--quiet", action="store_true", help=argparse.SUPPRESS)


def replace_process(options: argparse.Namespace) -> NoReturn:
    """Hands over from the `bihuan` command to this module: Django's memory is not kept while the programs run."""
    arguments = [options.word]
    if options.word == "up":
        arguments += ["--pack", options.pack] if options.pack else []
        arguments += ["--detach"] if options.detach else []
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "bihuan.config.supervise", *arguments])  # noqa: S606


if __name__ == "__main__":
    sys.exit(main())
