"""The whole system as one object: `make up` runs it, and so do the end-to-end tests and the benchmarks."""

import shutil
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import TracebackType
from typing import Any

from ops import environments, keys, models
from ops.errors import OpsError
from ops.given_servers import check_given_servers
from ops.jobs import Jobs
from ops.layout import APP_PYTHON, cache_folder, encoder_registry
from ops.ports import DEFAULTS, check_port, free_port, free_ports, is_taken
from ops.postgres import Postgres
from ops.processes import ProcessRecord, RunLock, port_owner
from ops.progress import Board
from ops.redis_server import RedisServer
from ops.service import Service
from ops.services import (
    STOP_ORDER,
    Wiring,
    base_environment,
    data_environment,
    is_demo,
    spec,
    staff_environment,
)
from ops.watch import Watched

_EMBEDDED_PORTS = {"postgres": 54329, "redis": 63790}
_DATABASE = "rapport"
_USUAL_SECONDS = {"bot": 20, "web": 20, "console": 20}


class Stack:
    """PostgreSQL, Redis and the services, with the data and the models that they need.

    A stack of its own, on free ports, is started with `with Stack(folder) as stack:`; it touches no other.

    Args:
        state: folder of secrets and logs, and of the database files of a lasting stack.
        ports: of the services; free ones when not given.
        overrides: variables by service that replace the usual ones, such as
            `{"actions": {"RAPPORT_SHOP_URL": url_of_a_faulty_proxy}}`.
        lasting: keep the database files in `state`, at the usual ports; else they go with `stop`.
        database_url: a PostgreSQL of one's own instead of the embedded one; likewise `redis_url`.
        board: shows the steps; nothing is shown when not given.

    Attributes:
        urls: base URL of each service.
        start_seconds: how long `start` took, trainings included if there were any.
        downloaded: bytes that `start` had to download.
    """

    def __init__(
        self,
        state: Path,
        *,
        ports: Mapping[str, int] | None = None,
        overrides: Mapping[str, Mapping[str, str]] | None = None,
        lasting: bool = False,
        database_url: str | None = None,
        redis_url: str | None = None,
        board: Board | None = None,
    ) -> None:
        self.state = state
        self.lasting = lasting
        self.ports = dict(ports or free_ports(DEFAULTS))
        self.start_seconds = 0.0
        self.downloaded = 0.0
        self.postgres: Postgres | None = None
        self.redis: RedisServer | None = None
        self._overrides = overrides or {}
        self._database_url = database_url
        self._redis_url = redis_url
        self._board = board or Board(state / "timings.json", quiet=True)
        self._jobs = Jobs()
        self._services: dict[str, Service] = {}
        self._record = ProcessRecord(state / "processes.json")
        self._lock = RunLock(state / "lock")
        self._temporary: Path | None = None
        self._stopping = False

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def encoder_registry(self) -> Path:
        """The file that says which encoder is promoted; `python -m nlu_models` reads its name in the environment."""
        return encoder_registry(self.state)

    @property
    def urls(self) -> dict[str, str]:
        return {name: self.url(name) for name in DEFAULTS}

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"

    def process(self, service: str) -> Service:
        """One service, to stop, start, kill, pause or resume it."""
        return self._services[service]

    def pid(self, service: str) -> int:
        return self.process(service).pid

    def start(self) -> None:
        """Start everything and return once every service is ready.

        Raises:
            OpsError: when something can't be done; everything that was started has been stopped then.
        """
        began = time.monotonic()
        self._lock.take()
        try:
            stale = self._record.end_stale()
            if stale:
                self._board.line(f"  Stopped what an earlier run left behind: {', '.join(stale)}")
            for name, port in self.ports.items():
                check_port(name, port, port_owner(port) if is_taken(port) else "")
            wiring = self._start_servers(keys.load_or_make(self.state))
            self._start_services(wiring)
        except BaseException:
            self.stop()
            raise
        self.start_seconds = time.monotonic() - began

    def stop(self) -> None:
        """Stop everything that was started, clients before servers. Nothing when nothing was."""
        if not self._lock.held:
            return
        self._stopping = True
        self._jobs.end_all()
        for name in STOP_ORDER:
            if name in self._services:
                self._services[name].stop()
        for server, name in ((self.redis, "redis"), (self.postgres, "postgres")):
            if server is not None:
                server.stop()
                self._record.remove(name)
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
        self._record.file.unlink(missing_ok=True)
        self._lock.release()

    def restart(self, name: str) -> None:
        """Restart a service, or `postgres` or `redis` with the same data, and return once it is ready."""
        server = self._server(name)
        if server is not None:
            server.stop()
            self.revive(name)
        else:
            self._services[name].restart()

    def revive(self, name: str) -> None:
        """Start a service or an embedded server that has ended.

        Raises:
            OpsError: when it does not become ready.
        """
        server = self._server(name)
        if server is not None:
            server.start()
            self._note(name, server)
        else:
            self._services[name].start()

    def watched(self) -> list[tuple[str, Watched]]:
        """What should run now."""
        servers: list[tuple[str, Watched]] = []
        if self.postgres is not None:
            servers.append(("postgres", self.postgres))
        if self.redis is not None:
            servers.append(("redis", self.redis))
        return servers + [(name, service) for name, service in self._services.items() if service.wanted]

    def __enter__(self) -> "Stack":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start_servers(self, secrets: keys.Keys) -> Wiring:
        self.state.mkdir(parents=True, exist_ok=True)
        # Others may pass through: PostgreSQL runs as somebody else when we are root.
        self.state.chmod(0o711)
        self.logs.mkdir(exist_ok=True)
        self.logs.chmod(0o700)
        folder = self.state
        if not self.lasting:
            folder = self._temporary = Path(tempfile.mkdtemp(prefix="rapport-"))
            folder.chmod(0o711)
        database_url, redis_url = self._database_url, self._redis_url
        check_given_servers(database_url, redis_url)
        if database_url is None:
            with self._board.step("start postgres", 3):
                self.postgres = Postgres(
                    folder / "postgres", self._embedded_port("postgres"), secrets.postgres
                )
                self.postgres.start()
                self._note("postgres", self.postgres)
                self.postgres.create_database(_DATABASE, owner=_DATABASE, password=secrets.database)
                database_url = self.postgres.url_of(_DATABASE, _DATABASE, secrets.database)
        if redis_url is None:
            with self._board.step("start redis", 1):
                self.redis = RedisServer(folder / "redis", self._embedded_port("redis"), secrets.redis)
                self.redis.start()
                self._note("redis", self.redis)
                redis_url = self.redis.url
        return Wiring(self.state, self.ports, database_url, redis_url, secrets, self._overrides)

    def _start_services(self, wiring: Wiring) -> None:
        """Each service starts as soon as what it needs is there; what can be done side by side is."""
        with ThreadPoolExecutor(max_workers=16, thread_name_prefix="start") as pool:
            rasa = pool.submit(self._install_rasa)
            encoder = pool.submit(self._train_encoder)
            dialogue = pool.submit(self._train_dialogue, rasa)
            trained = pool.submit(self._trained, encoder, dialogue)
            sentences = pool.submit(self._export_sentences)
            variants = pool.submit(self._publish, wiring)
            data = pool.submit(self._fill_database, wiring)
            staff = pool.submit(self._add_staff, wiring, data)
            needs: dict[str, list[Future[Any]]] = {
                "shop": [data],
                "profiles": [data],
                "worker": [data],
                "actions": [variants],
                "bot": [trained],
                # Ready once all the others are, so it would only wait for the training; so would the console for it.
                "web": [data, trained],
                "console": [data, trained],
            }
            tasks: list[Future[Any]] = [rasa, encoder, dialogue, trained, variants, data, sentences, staff]
            tasks += [
                pool.submit(self._start_service, name, wiring, trained, sentences, *needs[name])
                for name in needs
            ]
            try:
                done, _ = wait(tasks, return_when=FIRST_EXCEPTION)
                for task in done:
                    task.result()
            except BaseException:
                # Ends what the other tasks wait for, so that they end too.
                self._stopping = True
                self._jobs.end_all()
                for service in list(self._services.values()):
                    service.stop()
                raise

    def _install_rasa(self) -> None:
        log = self.logs / "install-rasa.log"
        self.downloaded += environments.ensure(environments.RASA, self._board, self._jobs, log)

    def _train_encoder(self) -> None:
        log = self.logs / "train-encoder.log"
        models.train_encoder(self._board, self._jobs, base_environment(), self.encoder_registry, log)

    def _trained(self, encoder: "Future[None]", dialogue: "Future[Path]") -> models.Trained:
        encoder.result()
        return models.Trained(self.encoder_registry, dialogue.result())

    def _export_sentences(self) -> Path:
        log = self.logs / "export-sentences.log"
        return models.export_sentences(self._board, self._jobs, base_environment(), log)

    def _publish(self, wiring: Wiring) -> None:
        self._command("publish replies", "actions", "publish", wiring)

    def _fill_database(self, wiring: Wiring) -> None:
        self._command("migrate database", "alembic", "upgrade", wiring, "head")
        self._command("seed demo shop", "demo", "seed", wiring)

    def _add_staff(self, wiring: Wiring, data: "Future[None]") -> None:
        data.result()
        if is_demo():
            self._command(
                "add demo staff", "web", "staff", wiring, "seed", environment=staff_environment(wiring)
            )

    def _command(
        self,
        step: str,
        module: str,
        command: str,
        wiring: Wiring,
        *more: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        log = self.logs / f"{module}-{command}.log"
        log.unlink(missing_ok=True)
        with self._board.step(step, 5) as shown:
            words = [str(APP_PYTHON), "-m", module, command, *more]
            given = environment or data_environment(wiring)
            self._jobs.run(step.capitalize(), words, log, given, on_line=shown.say)

    def _train_dialogue(self, rasa: "Future[None]") -> Path:
        rasa.result()
        log = self.logs / "train-rasa.log"
        return models.train_rasa(
            cache_folder(), board=self._board, jobs=self._jobs, environment=base_environment(), log=log
        )

    def _start_service(
        self,
        name: str,
        wiring: Wiring,
        trained: "Future[models.Trained]",
        sentences: "Future[Path]",
        *needed: "Future[Any]",
    ) -> None:
        for task in needed:
            task.result()
        of_actions = sentences.result() if name == "actions" else None
        if self._stopping:
            raise OpsError("Stopped before everything was started.")
        of_the_bot = trained.result() if name == "bot" else None
        service = Service(spec(name, wiring, of_the_bot, of_actions), self.logs, self._record)
        self._services[name] = service
        with self._board.step(f"start {name}", _USUAL_SECONDS.get(name, 4)) as step:
            service.launch()
            service.await_ready(step)
            step.result = service.spec.url

    def _server(self, name: str) -> Postgres | RedisServer | None:
        servers: dict[str, Postgres | RedisServer | None] = {"postgres": self.postgres, "redis": self.redis}
        return servers.get(name)

    def _embedded_port(self, name: str) -> int:
        usual = _EMBEDDED_PORTS[name]
        return usual if self.lasting and not is_taken(usual) else free_port()

    def _note(self, name: str, server: Postgres | RedisServer) -> None:
        if server.process is not None:
            self._record.add(name, server.process.pid)
