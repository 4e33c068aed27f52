"""Reads a project as .ci/part/deploy gets it from deploy/testparts/compose and
says what of our own rules it breaks: what a schema can't know."""
import json
import re
import sys

project = json.load(sys.stdin)
wrong = []


def want(service, holds, what):
    if not holds:
        wrong.append(f"{service}: {what}")


stores = {"redis", "postgres", "elasticsearch"}
for name, s in project["services"].items():
    want(name, s.get("cap_drop") == ["ALL"] and not s.get("cap_add"), "keeps capabilities")
    want(name, "no-new-privileges:true" in s.get("security_opt", []), "may gain privileges")
    want(name, s.get("read_only") or name == "elasticsearch", "has a writable root")
    want(name, not s.get("privileged"), "is privileged")
    limits = s.get("deploy", {}).get("resources", {}).get("limits", {})
    want(name, all(limits.get(k) for k in ("cpus", "memory", "pids")), f"lacks limits, has {limits}")
    want(name, s.get("logging", {}).get("options", {}).get("max-size"), "logs without bound")
    one_shot = name in ("cli", "elasticsearch-init")
    want(name, one_shot or s.get("healthcheck", {}).get("test"), "has no health check")
    want(name, one_shot or s.get("restart") == "unless-stopped", "isn't started again")
    image = s["image"]
    want(name, image.startswith("resumewatch:") or re.search(r":\d+(\.\d+)+(-\w+)?$", image), f"{image} is no pinned version")
    want(name, s.get("user") not in (None, "0", "root") or image.startswith("resumewatch:"), "runs as root")
    for key, value in (s.get("environment") or {}).items():
        secret = re.search(r"PASSWORD|SECRET|TOKEN|DSN|REDIS$|ELASTICSEARCH$", key)
        want(name, not secret or key.endswith("_FILE"), f"{key} may hold a secret itself")
        if key.endswith("_FILE") and (value or "").startswith("/run/secrets/"):
            want(name, value.rsplit("/", 1)[1] in [x["source"] for x in s.get("secrets", [])], f"{key} names a secret that it is not given")
    if name in stores:
        want(name, list(s["networks"]) == ["stores"], "is on another network than stores")
        want(name, not s.get("ports"), "publishes a port")
    for port in s.get("ports", []):
        want(name, port.get("host_ip") == "127.0.0.1", f"publishes {port.get('published')} beyond loopback")
want("networks", project["networks"]["stores"].get("internal") is True, "stores has a way out")
want("services", stores | {"worker-1", "worker-2", "scheduler-1", "scheduler-2", "console"} <= set(project["services"]), "one is missing")
for name, s in project["secrets"].items():
    want("secrets", "/secrets/" in s.get("file", ""), f"{name} is no file")

print("\n".join(wrong) or f"{len(project['services'])} services keep our rules")
sys.exit(bool(wrong))
