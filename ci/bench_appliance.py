"""An appliance of its own for ci/bench, in a temporary folder: `kyso up`, people, kyso-bench."""

import json
import os
import secrets
import shutil
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import time

BYTES_PER_SUBSCRIBER = 4 * 1024  # on the disk, the write-ahead log included
PORTS = range(20_000, 30_000)  # neither kyso's own choice nor the system's


def say(text):
    print(text, file=sys.stderr, flush=True)


def free_port():
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


class Appliance:
    """Durable SQLite, TLS, SoftHSM: as it is delivered, nothing switched off."""

    def __init__(self, programs, folder, modules=1):
        self.programs = programs
        self.bench_program = programs.parent / "tests/kyso-bench"
        self.folder = folder
        self.folder.mkdir()
        self.data = folder / "data"
        self.modules = modules
        # Kept while it is stopped: one that `kyso up` chooses could be another's by then.
        self.port = free_port()
        self.up = None
        self.people = []
        self.population = None
        self.start()
        self.client = self.kyso("client", "add", "--name", "bench", "--all-signers")
        self.kyso("client", "set", self.client["client_id"], "limit.open_requests=0",
                  "limit.cool_down_seconds=0", "limit.opens_per_minute=0")
        self.describe()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)

    # ---- running

    def start(self):
        """Answers how many seconds it took until /healthz said that all is well."""
        ready = self.folder / "ready"
        log = self.folder / "up.log"
        begun = time.monotonic()
        with open(log, "w", encoding="utf-8") as output:
            self.up = subprocess.Popen(
                [self.programs / "kyso", "up", "--data", self.data, "--modules", str(self.modules),
                 "--port", str(self.port), "--ready-file", ready], stdout=output, stderr=subprocess.STDOUT)
        while not ready.exists():
            if self.up.poll() is not None or time.monotonic() > begun + 120:
                sys.exit("ci/bench: kyso up did not start:\n" + log.read_text())
            time.sleep(0.005)
        self.url = json.loads(ready.read_text())["url"]
        while not self.is_healthy():
            if time.monotonic() > begun + 120:
                sys.exit("ci/bench: the server does not say that it is well:\n" + log.read_text())
            time.sleep(0.005)
        return time.monotonic() - begun

    def is_healthy(self):
        """As a load balancer finds out: server, database and a module."""
        host, port = self.url.removeprefix("https://").split(":")
        context = ssl.create_default_context(cafile=self.data / "tls/ca.pem")
        request = f"GET /healthz HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
        try:
            with socket.create_connection(("127.0.0.1", int(port)), 5) as plain, \
                    context.wrap_socket(plain, server_hostname=host) as secured:
                secured.sendall(request.encode())
                return secured.recv(64).startswith(b"HTTP/1.1 200 ")
        except OSError:
            return False

    def stop(self):
        if self.up is None:
            return
        self.up.send_signal(signal.SIGTERM)
        try:
            self.up.wait(30)
        except subprocess.TimeoutExpired:
            self.up.kill()
            self.up.wait()
        self.up = None

    def restart(self):
        """From a database that no cache holds, ours or the system's."""
        self.stop()
        for file in self.data.glob("kyso.db*"):
            with open(file, "rb") as opened:
                os.fsync(opened.fileno())
                os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        seconds = self.start()
        self.describe()
        return seconds

    def describe(self):
        """What kyso-bench needs to know (tests/bench/appliance.h)."""
        described = {
            "api_url": self.url, "approve_url": self.url.replace("api.", "approve.", 1),
            "rp_id": "approve.localhost", "ca_file": str(self.data / "tls/ca.pem"),
            "client_id": self.client["client_id"], "client_secret": self.client["client_secret"],
            "up_pid": self.up.pid, "people": self.people}
        if self.population:
            described["population"] = self.population
        (self.folder / "appliance.json").write_text(json.dumps(described))

    def memory_of(self, program):
        """Resident bytes of all its processes of that name."""
        rows = subprocess.run(["ps", "-o", "rss=,comm=", "--ppid", str(self.up.pid)], text=True,
                              capture_output=True, check=False).stdout.splitlines()
        return sum(int(row.split()[0]) for row in rows if row.split()[1] == program) * 1024

    # ---- people

    def kyso(self, *arguments):
        return json.loads(self.output_of(self.programs / "kyso", *arguments, "--data", self.data, "--json"))

    def output_of(self, program, *arguments):
        run = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            sys.exit(f"ci/bench: {os.path.basename(program)} {' '.join(map(str, arguments))}: {run.stderr}")
        return run.stdout

    def enrol(self, key, people):
        """As many people with a phone each, in the way that people enrol."""
        phone = self.programs / "kyso-phone"
        for number in range(people):
            name = f"{key}-{number}"
            self.kyso("signer", "add", "--id", name, "--name", name, "--subject", f"CN={name},C=VN")
            credential = self.kyso("credential", "add", "--signer", name, "--key", key)
            store = self.folder / f"{name}.json"
            self.output_of(phone, "enrol", "--link", credential["link"], "--store", store,
                           "--ca", self.data / "tls/ca.pem", "--name", name)
            self.people.append({"phone": str(store), "credential_id": credential["credential_id"], "key": key})
        for _ in range(2):  # bindings, then the certificates
            self.output_of(phone, "approve", "--all", "--yes", "--wait", "30",
                           "--store", self.data / "ceremony/officer-phone.json")
        self.describe()

    def populate(self, size):
        """Subscribers in bulk, each with a key of their own; the appliance is stopped meanwhile and
        stays so."""
        if shutil.disk_usage(self.folder).free < size * BYTES_PER_SUBSCRIBER:
            sys.exit(f"ci/bench: {self.folder}: {size * BYTES_PER_SUBSCRIBER >> 20} MiB of disk are needed "
                     "for so many subscribers (TMPDIR names another place)")
        self.stop()
        self.population = {"seed": secrets.token_hex(16), "size": size}
        # SoftHSM works on one key at a time in each process.
        processes = max(1, min(os.cpu_count(), size // 2000))
        bounds = [size * number // processes for number in range(processes + 1)]
        begun = time.monotonic()
        running = [subprocess.Popen(
            [self.bench_program, "subscribe", "--data", self.data, "--seed", self.population["seed"],
             "--first", str(first), "--count", str(after - first)], stdout=subprocess.PIPE, text=True)
                   for first, after in zip(bounds, bounds[1:])]
        try:
            done = [(one.communicate()[0], one.returncode) for one in running]
        finally:
            for one in running:
                if one.poll() is None:
                    one.terminate()
                    one.wait()
        if any(status != 0 for _, status in done):
            sys.exit("ci/bench: the subscribers could not be enrolled")
        seconds = time.monotonic() - begun
        return {"subscribers": size, "seconds": seconds, "per_second": size / seconds, "processes": processes,
                "cpu_us_each": statistics.mean(json.loads(line)["cpu_us_each"] for line, _ in done),
                "database_bytes": (self.data / "kyso.db").stat().st_size}

    # ---- kyso-bench

    def bench(self, command, *arguments):
        return json.loads(self.output_of(self.bench_program, command, *arguments))

    def engine(self, key, count):
        configuration = self.data / "softhsm/softhsm2.conf"
        return self.bench("engine", "--key", key, "--count", count, "--configuration", configuration,
                          "--label", "kyso", "--lock", f"{configuration}.lock",
                          "--pin-file", self.data / "engine-pin")

    def on(self, command, *arguments):
        return self.bench(command, "--appliance", self.folder / "appliance.json", *arguments)
