"""What ci/bench measures, one function a group of B1 ... B10, and what is asked of each."""

import os
import statistics
import subprocess
from dataclasses import dataclass

from bench_appliance import Appliance, say
from bench_streams import measure_streams

IN_FLIGHT = 16


@dataclass(frozen=True)
class Plan:
    rounds: int
    flows: int          # of one round, P-256
    calls: int          # of the engine's loop, P-256
    open_seconds: int
    pending: int
    connections: int
    held: int
    stream_asks: int    # while all connections are event streams
    signatures: int
    subscribers: int
    few_subscribers: int
    starts: int


FULL = Plan(rounds=5, flows=1500, calls=600, open_seconds=15, pending=100_000, connections=5_000, held=2_000, stream_asks=1_000,
            signatures=200_000, subscribers=1_000_000, few_subscribers=1_000, starts=5)
QUICK = Plan(rounds=1, flows=300, calls=150, open_seconds=3, pending=1_000, connections=300, held=64, stream_asks=100,
             signatures=1_500, subscribers=5_000, few_subscribers=1_000, starts=1)


@dataclass(frozen=True)
class Target:
    must: float
    aim: float
    unit: str
    higher_is_better: bool = False
    judged: bool = False  # whether missing it fails the run


TARGETS = {
    "B1": Target(0.62, 0.78, "c_bare / c_flow, RSA-2048", True, True),
    "B2": Target(0.50, 0.66, "c_bare / c_flow, P-256", True, True),
    "B3": Target(500, 300, "us: c_flow - c_bare, P-256", False, True),
    "B4": Target(1.5, 1.8, "flows/s with two modules / with one", True),
    "B6": Target(2048, 512, "bytes a pending transaction, server and module"),
    "B7": Target(40, 24, "KiB of server memory an idle TLS connection"),
    "B7 phone": Target(100, 50, "ms p99 from a request to its phone, all streams open"),
    "B8": Target(1.35, 1.2, "c_flow with N subscribers / with few"),
    "B8 p99": Target(2.0, 1.3, "signHash p99 with N subscribers / with few"),
    "B9": Target(300, 120, "MB of server memory at N subscribers"),
    "B9 ready": Target(3, 0.5, "s from `kyso up` to a healthy answer, N subscribers"),
    "B10": Target(5, 1, "% growth of server and module"),
}


def median(rounds, pick):
    return statistics.median(pick(one) for one in rounds)


def row(key, value, raw, target=None):
    target = target or TARGETS[key]
    met = value >= target.must if target.higher_is_better else value <= target.must
    return {"value": value, "must": target.must, "aim": target.aim, "unit": target.unit, "met": met,
            "judged": target.judged, "raw": raw}


def flow(appliance, key, flows):
    return appliance.on("flow", "--key", key, "--in-flight", IN_FLIGHT, "--count", flows)


def engine_and_flow(appliance, key, rounds, flows, calls):
    """Engine and flow interleaved A/B/A: what slows one slows the other."""
    measured = []
    for number in range(rounds):
        before = appliance.engine(key, calls)
        whole = flow(appliance, key, flows)
        after = appliance.engine(key, calls)
        bare = (before["bare_us"] + after["bare_us"]) / 2
        measured.append({"bare_us": bare, "flow_us": whole["flow_us"], "ratio": bare / whole["flow_us"],
                         "overhead_us": whole["flow_us"] - bare, "engine": after, "flow": whole})
        say(f"  {key} round {number + 1}: engine {bare:.0f} us, flow {whole['flow_us']:.0f} us "
            f"(server {whole['server_us']:.0f}, module {whole['module_us']:.0f}), "
            f"{whole['flows_per_second']:.0f} flows/s")
    return measured


def interleaved(few, many, rounds, flows):
    """P-256 flows on two appliances, A/B/A: [(A, B)], A the mean of before and after."""
    measured = []
    for _ in range(rounds):
        before, between, after = (flow(one, "p256", flows) for one in (few, many, few))
        outside = {name: (before[name] + after[name]) / 2 for name in before}
        measured.append((outside, between))
        say(f"  A: {outside['flow_us']:.0f} us, {outside['flows_per_second']:.0f} flows/s, "
            f"p99 {outside['sign_hash_p99_us'] / 1000:.1f} ms; B: {between['flow_us']:.0f} us, "
            f"{between['flows_per_second']:.0f} flows/s, p99 {between['sign_hash_p99_us'] / 1000:.1f} ms")
    return measured


# ---- one appliance with enrolled people

def measure_cpu(appliance, plan, wanted, result):
    """B1, B2, B3."""
    say("B1, B2, B3: engine and whole flow, 16 in flight")
    if "B1" in wanted:
        rsa = engine_and_flow(appliance, "rsa2048", plan.rounds, plan.flows // 2, plan.calls // 2)
        result["B1"] = row("B1", median(rsa, lambda one: one["ratio"]), rsa)
    if wanted & {"B2", "B3"}:
        p256 = engine_and_flow(appliance, "p256", plan.rounds, plan.flows, plan.calls)
        if "B2" in wanted:
            result["B2"] = row("B2", median(p256, lambda one: one["ratio"]), p256)
        if "B3" in wanted:
            result["B3"] = row("B3", median(p256, lambda one: one["overhead_us"]), p256)


def measure_open_loop(appliance, plan, result):
    """B5; what is allowed depends on the machine's engine and disk at this moment."""
    say("B5: signHash at 100 flows a second")
    engine = [appliance.engine("p256", plan.calls) for _ in range(plan.rounds)]
    sync = appliance.bench("sync", "--folder", appliance.data)
    opened = appliance.on("open", "--key", "p256", "--rate", 100, "--seconds", plan.open_seconds)
    bare = median(engine, lambda one: one["bare_us"])
    floor = bare + 2 * sync["p99_us"]
    result["B5"] = row("B5", opened["sign_hash_p99_us"],
                       {"open": opened, "sync_p99_us": sync["p99_us"], "bare_us": bare},
                       Target(floor + 6000, floor + 2000, "us: signHash p99 at 100 flows/s", False, True))


def measure_growth(appliance, plan, result):
    say(f"B10: memory over {plan.signatures:,} signatures")
    grown = appliance.on("growth", "--key", "p256", "--in-flight", IN_FLIGHT, "--count", plan.signatures)
    result["B10"] = row("B10", grown["growth_percent"], grown)
    result["B10"]["measured"] = (f"resident memory over {grown['signatures']:,} signatures, the first "
                                 f"{grown['warm_up']:,} of them warm-up")


def measure_connections(appliance, plan, result):
    """Each on a server that has just started: freed memory of one load would hide the next."""
    say(f"B7: {plan.connections:,} idle TLS connections, {plan.held:,} held requests")
    appliance.restart()
    flow(appliance, "p256", IN_FLIGHT * 4)
    idle = appliance.on("idle", "--connections", plan.connections)
    appliance.restart()
    flow(appliance, "p256", IN_FLIGHT * 4)
    held = appliance.on("held", "--connections", plan.held, "--per-second", 250)
    result["B7"] = row("B7", idle["bytes_each"] / 1024, {"idle": idle, "held": held})
    result["B7"]["measured"] = (f"{idle['still_there']:,} idle keep-alive TLS connections after one request each")
    result["B7"]["held_kib"] = held["bytes_each"] / 1024
    streams = measure_streams(appliance, plan.connections, plan.stream_asks)
    result["B7"]["raw"]["streams"] = streams
    result["B7"]["stream_kib"] = streams["bytes_each"] / 1024
    result["B7"]["second"] = row("B7 phone", streams["delay_ms_p99"], None)
    for name, one in (("idle", idle), ("held", held), ("streaming", streams)):
        if one["still_there"] < one["connections"]:
            result["B7"]["met"] = False
            result["B7"]["weak"] = f"only {one['still_there']:,} of {one['connections']:,} {name} were still there"
            say("  " + result["B7"]["weak"])


def measure_pending(appliance, plan, result):
    say(f"B6: {plan.pending:,} pending transactions")
    appliance.restart()
    pending = appliance.on("pending", "--key", "p256", "--in-flight", IN_FLIGHT, "--count", plan.pending,
                           "--warm-up", plan.pending // 10)
    result["B6"] = row("B6", pending["server_bytes_each"] + pending["module_bytes_each"], pending)
    result["B6"]["measured"] = f"{pending['pending']:,} pending, after {pending['warm_up']:,} to fill page caches"


def measure_two_modules(one, programs, folder, plan, result):
    say("B4: one module (A) and two (B)")
    with Appliance(programs, folder / "two", modules=2) as two:
        two.enrol("p256", IN_FLIGHT)
        rounds = interleaved(one, two, plan.rounds, plan.flows)
    result["B4"] = row("B4", median(rounds, lambda pair: pair[1]["flows_per_second"] / pair[0]["flows_per_second"]),
                       {"rounds": rounds, "cores": os.cpu_count()})


def measure_people(programs, folder, plan, wanted, result):
    """All that needs people who have enrolled; B6 last, since its transactions stay."""
    if not wanted & {"B1", "B2", "B3", "B4", "B5", "B6", "B7", "B10"}:
        return
    with Appliance(programs, folder / "one") as appliance:
        appliance.enrol("p256", IN_FLIGHT)
        if "B1" in wanted:
            appliance.enrol("rsa2048", IN_FLIGHT)
        if wanted & {"B1", "B2", "B3"}:
            measure_cpu(appliance, plan, wanted, result)
        if "B5" in wanted:
            measure_open_loop(appliance, plan, result)
        if "B4" in wanted:
            measure_two_modules(appliance, programs, folder, plan, result)
        if "B10" in wanted:
            measure_growth(appliance, plan, result)
        if "B7" in wanted:
            measure_connections(appliance, plan, result)
        if "B6" in wanted:
            measure_pending(appliance, plan, result)


# ---- two appliances with subscribers enrolled in bulk

def fill(appliance, size):
    filled = appliance.populate(size)
    say(f"  {size:,} subscribers, a key each: {filled['seconds']:.0f} s, {filled['per_second']:.0f}/s, "
        f"{filled['database_bytes'] / 1e6:.0f} MB")
    return filled


def measure_subscribers(programs, folder, plan, wanted, result):
    if not wanted & {"B8", "B9"}:
        return
    say(f"B8, B9: {plan.few_subscribers:,} subscribers (A) and {plan.subscribers:,} (B)")
    with Appliance(programs, folder / "few") as few, Appliance(programs, folder / "many") as many:
        fill(few, plan.few_subscribers)
        filled = fill(many, plan.subscribers)
        few.restart()
        starts = []
        for _ in range(plan.starts):
            ready = many.restart()
            starts.append({"ready_s": ready, "server_bytes": many.memory_of("kyso-server")})
        if "B8" in wanted:
            rounds = interleaved(few, many, plan.rounds, plan.flows)
        else:  # for the memory of a server that works
            flow(many, "p256", plan.flows)
        memory = {"after_start": median(starts, lambda one: one["server_bytes"]),
                  "after_flows": many.memory_of("kyso-server"), "modules": many.memory_of("kyso-module"),
                  "few_after_flows": few.memory_of("kyso-server")}
    count = f"{plan.subscribers:,} subscribers"
    if "B8" in wanted:
        result["B8"] = row("B8", median(rounds, lambda pair: pair[1]["flow_us"] / pair[0]["flow_us"]),
                           {"filled": filled, "rounds": rounds})
        result["B8"]["measured"] = f"{count} against {plan.few_subscribers:,}, drawn at random, 16 in flight"
        result["B8"]["second"] = row(
            "B8 p99", median(rounds, lambda pair: pair[1]["sign_hash_p99_us"] / pair[0]["sign_hash_p99_us"]), None)
    if "B9" in wanted:
        result["B9"] = row("B9", max(memory["after_start"], memory["after_flows"]) / 1e6,
                           {"memory_bytes": memory, "starts": starts, "filled": filled})
        result["B9"]["measured"] = f"{count}; the larger of after the start and after B8's flows"
        result["B9"]["second"] = row("B9 ready", median(starts, lambda one: one["ready_s"]), None)


# ---- these programs and others

AGAINST_TARGETS = {
    "cpu": Target(1.05, 1, "c_flow of these programs / of the others, P-256"),
    "p99": Target(1.25, 1, "signHash p99 of these programs / of the others"),
}


def measure_against(programs, others, folder, plan):
    say(f"compare: the flow of {others} (A) and of {programs} (B), 16 in flight")
    with Appliance(others, folder / "others") as before, Appliance(programs, folder / "these") as now:
        for appliance in (before, now):
            appliance.enrol("p256", IN_FLIGHT)
            flow(appliance, "p256", plan.flows)  # warm
        rounds = interleaved(before, now, plan.rounds, plan.flows)
    result = {}
    for key, name, unit in (("cpu", "flow_us", "us a flow"), ("p99", "sign_hash_p99_us", "us")):
        middle = sorted(rounds, key=lambda pair: pair[1][name] / pair[0][name])[len(rounds) // 2]
        result[key] = row(key, middle[1][name] / middle[0][name], rounds, AGAINST_TARGETS[key])
        result[key]["measured"] = f"{middle[1][name]:.0f} against {middle[0][name]:.0f} {unit}"
    return result


# Seconds of a full run on two idle cores; B8 and B9 by the subscriber.
DURATION = {"B1": 60, "B2": 40, "B3": 40, "B4": 60, "B5": 25, "B6": 70, "B7": 35, "B10": 400}
ENROLMENT = 10
SUBSCRIBERS = 100
SUBSCRIBERS_PER_SECOND = 1000


def estimate(plan, wanted):
    """Seconds; B2 and B3 are one measurement."""
    seconds = sum(DURATION.get(key, 0) for key in wanted)
    if {"B2", "B3"} <= wanted:
        seconds -= DURATION["B3"]
    if wanted & set(DURATION):
        seconds += ENROLMENT
    if wanted & {"B8", "B9"}:
        seconds += SUBSCRIBERS + plan.subscribers / SUBSCRIBERS_PER_SECOND
    return seconds


# ---- services

PKI_TARGETS = {
    "ocsp": Target(10, 25, "bare signature / pre-produced OCSP answer, P-256", True, True),
    "tsa": Target(0.7, 0.8, "bare signature / time-stamp, P-256", True, True),
    "pades": Target(2, 1.5, "PAdES B-B of 40 KB / its hash, parse and signature alone", False, True),
}


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def pki_requests(appliance, folder):
    """What a relying party asks, in files: the status of a certificate, a time-stamp."""
    appliance.enrol("p256", 1)
    shown = appliance.kyso("credential", "show", appliance.people[0]["credential_id"])
    certificate, document = folder / "leaf.pem", folder / "document"
    certificate.write_text(shown["certificates"][0])
    document.write_text("what is stamped")
    ocsp, tsa = folder / "ocsp.der", folder / "tsa.tsq"
    openssl("ocsp", "-issuer", appliance.data / "ca.pem", "-cert", certificate, "-no_nonce", "-reqout", ocsp)
    openssl("ts", "-query", "-data", document, "-sha256", "-cert", "-out", tsa)
    return {"ocsp": ("/pki/ocsp", "application/ocsp-request", ocsp, 40),
            "tsa": ("/pki/tsa", "application/timestamp-query", tsa, 1)}


def measure_pades(appliance, rounds, calls):
    """A PDF prepared, signed by the engine and completed, against the parts that nobody can do without."""
    say("ci/bench: pades")
    measured = []
    for _ in range(rounds):
        before = appliance.engine("p256", calls)
        one = appliance.bench("pades", "--count", calls)
        after = appliance.engine("p256", calls)
        bare = (before["sign_us"] + after["sign_us"]) / 2
        alone = one["hash_us"] + one["parse_us"] + bare
        measured.append({**one, "bare_us": bare, "ratio": (one["prepare_us"] + bare + one["complete_us"]) / alone})
    middle = sorted(measured, key=lambda one: one["ratio"])[len(measured) // 2]
    made = row("pades", middle["ratio"], measured, PKI_TARGETS["pades"])
    made["measured"] = (
        f"{middle['file_size'] / 1000:.0f} KB: prepare {middle['prepare_us']:.0f} us, bare signature {middle['bare_us']:.0f} us, "
        f"complete {middle['complete_us']:.0f} us; alone: hash {middle['hash_us']:.0f} us, parse {middle['parse_us']:.0f} us; "
        f"intake of an unsigned file {middle['intake_us']:.0f} us")
    return made


def measure_pki(programs, folder, quick):
    """Engine and service interleaved A/B/A, as in engine_and_flow()."""
    rounds, calls = (1, 150) if quick else (5, 600)
    result = {}
    with Appliance(programs, folder / "pki") as appliance:
        for key, (path, kind, request, factor) in pki_requests(appliance, folder).items():
            say(f"ci/bench: {key}")
            measured = []
            for _ in range(rounds):
                before = appliance.engine("p256", calls)
                asked = appliance.on("service", "--path", path, "--type", kind, "--request", request,
                                     "--in-flight", IN_FLIGHT, "--count", calls * factor)
                after = appliance.engine("p256", calls)
                bare = (before["sign_us"] + after["sign_us"]) / 2
                measured.append({**asked, "bare_us": bare, "ratio": bare / asked["answer_us"]})
            middle = sorted(measured, key=lambda one: one["ratio"])[len(measured) // 2]
            result[key] = row(key, middle["ratio"], measured, PKI_TARGETS[key])
            result[key]["measured"] = (
                f"bare {middle['bare_us']:.0f} us; answer: server {middle['server_us']:.0f} us + module "
                f"{middle['module_us']:.0f} us, {1e6 / middle['answer_us']:.0f} a second and core")
        result["pades"] = measure_pades(appliance, rounds, calls)
    return result
