"""`entrepot demo` as a person meets it: starts, refuses, recovers, leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from entrepot.commands.exit_codes import ExitCode
from tests.cli.conftest import LaunchDemo, copy_home, run_command
from tests.running_processes import none_left, on_folder


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any account can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def pid_of(home: Path, words: str) -> int:
    """The one process on the folder whose command line contains the words."""
    [pid] = [pid for pid, command in on_folder(home).items() if words in command]
    return pid


async def status(address: str, path: str = "/health/ready") -> int:
    async with httpx.AsyncClient(base_url=address, timeout=20) as client:
        return (await client.get(path)).status_code


async def until_ready_again(address: str) -> None:
    async with asyncio.timeout(30):
        while True:
            if await status(address) == 200:
                return
            await asyncio.sleep(0.1)


async def hello(address: str) -> object:
    async with httpx.AsyncClient(base_url=address, timeout=20) as client:
        answer = await client.post("/graphql", json={"query": "{ __typename }"})
    return answer.json()["data"]


async def test_it_serves_and_ctrl_c_leaves_no_process(home: Path, launch_demo: LaunchDemo) -> None:
    demo = await (await launch_demo(home)).until_ready()
    assert await status(demo.address) == 200
    assert await hello(demo.address) == {"__typename": "Query"}
    running = " ".join(on_folder(home).values())
    for part in ("bin/postgres -D", "redis-server", "entrepot serve --fd", "entrepot worker"):
        assert part in running

    # The folder is held: a second demo is told so and changes nothing.
    second = await run_command("demo", "--port", "0", "--home", str(home))
    assert second.code == ExitCode.HOME_IN_USE
    assert f"in use by process {demo.process.pid}" in second.err
    russian = await run_command("--lang", "ru", "demo", "--port", "0", "--home", str(home))
    assert "занята процессом" in russian.err

    # Other commands use the services that run.
    doctor = await run_command("doctor", "--home", str(home))
    assert doctor.code == ExitCode.OK, doctor.out
    assert await status(demo.address) == 200

    assert await demo.end(signal.SIGINT) == ExitCode.OK
    assert on_folder(home) == {}
    assert "database system is shut down" in (home / "logs" / "postgres.log").read_text()
    with pytest.raises(httpx.ConnectError):
        await status(demo.address)


async def test_fallen_parts_are_started_again(home: Path, launch_demo: LaunchDemo) -> None:
    demo = await (await launch_demo(home)).until_ready()
    for words, part in (
        ("entrepot serve --fd", "web"),
        ("redis-server", "redis"),
        ("bin/postgres -D", "postgres"),
    ):
        fallen = pid_of(home, words)
        os.kill(fallen, signal.SIGKILL)
        told = await demo.until_line(rf"{part} stopped \(exit code -9\)")
        assert str(home / "logs" / f"{part}.log") in told.string
        await until_ready_again(demo.address)
        assert pid_of(home, words) != fallen
    assert await demo.end(signal.SIGTERM) == ExitCode.OK
    assert on_folder(home) == {}


async def test_after_kill_9_nothing_runs_and_the_next_start_works(
    home: Path, launch_demo: LaunchDemo
) -> None:
    demo = await (await launch_demo(home)).until_ready()
    await demo.end(signal.SIGKILL)
    # At once, on the same port: what is left of the first one gives way.
    port = demo.address.rpartition(":")[2]
    again = await (await launch_demo(home, "--port", port)).until_ready()
    assert again.address == demo.address
    assert await status(again.address) == 200

    same = await run_command("demo", "--port", port, "--home", str(home))
    assert same.code == ExitCode.HOME_IN_USE
    assert f"in use by process {again.process.pid} ({again.address})" in same.err

    again.process.kill()
    await again.process.wait()
    assert await none_left(home) == {}


async def test_two_demos_on_two_folders_side_by_side(
    tmp_path: Path, migrated_home: Path, launch_demo: LaunchDemo
) -> None:
    homes = [tmp_path / "one", tmp_path / "two"]
    for home in homes:
        await copy_home(migrated_home, home)
    demos = [await launch_demo(home) for home in homes]
    await asyncio.gather(*(demo.until_ready() for demo in demos))
    assert demos[0].address != demos[1].address
    assert await demos[0].end(signal.SIGINT) == ExitCode.OK
    assert await status(demos[1].address) == 200
    assert await demos[1].end(signal.SIGHUP) == ExitCode.OK
    assert [on_folder(home) for home in homes] == [{}, {}]


@pytest.mark.parametrize("pause", [0.9, 1.6])
async def test_ctrl_c_while_it_starts_leaves_no_process(
    tmp_path: Path, launch_demo: LaunchDemo, pause: float
) -> None:
    home = tmp_path / "home"
    demo = await launch_demo(home)
    await demo.until_line("Starting")
    await asyncio.sleep(pause)
    await demo.end(signal.SIGINT)
    assert on_folder(home) == {}


async def test_a_taken_port_is_told_and_nothing_is_started(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        refused = await run_command("demo", "--port", port, "--home", str(home))
        served = await run_command("serve", "--port", port, "--home", str(home))
    for outcome in (refused, served):
        assert outcome.code == ExitCode.PORT_TAKEN
        assert f"Port {port} of 127.0.0.1 is taken" in outcome.err
        assert "Traceback" not in outcome.err
    assert not home.exists()


async def test_a_part_that_does_not_start_is_named_with_its_log(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "PG_VERSION").write_text("18\n")
    outcome = await run_command("demo", "--port", "0", "--home", str(home), "--no-data")
    assert outcome.code == ExitCode.PART_FAILED
    assert f"postgres did not start. The end of {home / 'logs' / 'postgres.log'}" in outcome.err
    assert "postgresql.conf" in outcome.err
    assert on_folder(home) == {}


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="changing the account takes root and setpriv",
)
async def test_it_runs_without_root_too(
    migrated_home: Path, launch_demo: LaunchDemo, open_folder: Path
) -> None:
    home = open_folder / "home"
    await copy_home(migrated_home, home)
    for path in (open_folder, home, *home.rglob("*")):
        os.chown(path, 65534, 65534, follow_symlinks=False)
    # The right to read keeps the interpreter reachable where it is installed below a closed /root.
    reading = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
    prefix = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *reading)
    demo = await (await launch_demo(home, prefix=prefix)).until_ready()
    assert await status(demo.address) == 200
    assert (home / "postgres").stat().st_uid == 65534
    assert await demo.end(signal.SIGINT) == ExitCode.OK
    assert on_folder(home) == {}
