"""What a cold start of each function costs, in instructions, against making a client of boto3's (design, section 10).

Usage: `uv run python benchmarks/imports.py [FUNCTION …]`, with valgrind installed. A cold start is everything before
the first event: the import of the handler, and the clients that it makes then. The interpreter's own start is left out
everywhere. Instructions do not depend on what else the machine does, so that one round is enough. Each function's floor
are the packages that it builds on, used once; exit code 1 if a function takes more than its budget beyond them.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BUDGET = 1.25
CLIENT = 'import boto3; boto3.client("dynamodb")\n'
CLIENTS = CLIENT + 'boto3.client("s3"); boto3.client("sqs")\n'
BATCHES = """
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
"""
ROUTES = "from aws_lambda_powertools.event_handler import APIGatewayRestResolver\n"
MODELS = """
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter
class Settings(BaseModel):
    number: int = 1
"""
FLOORS = {
    "poll_source": CLIENT + 'boto3.client("sqs")\n' + BATCHES + MODELS,
    "import_batch": CLIENTS + BATCHES + MODELS,
    "upsert_record": CLIENTS + BATCHES + MODELS,
    "deliver_employee": CLIENT + BATCHES,
    "query_logs": CLIENT + ROUTES,
    "manage_directory": CLIENT + ROUTES + MODELS,
}


def instructions(program: str, folder: Path = ROOT) -> float:
    """Run a program under valgrind; return its instructions in millions. It runs twice, so that all is compiled."""
    environment = {**os.environ, "PYTHONHASHSEED": "0", "AWS_DEFAULT_REGION": "eu-west-1"}
    python = [sys.executable, "-c", program]
    subprocess.run(python, cwd=folder, env=environment, check=True)  # noqa: S603 - our own programs
    tool = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={os.devnull}"]
    ran = subprocess.run([*tool, *python], cwd=folder, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
    found = re.search(r"I\s+refs:\s+([\d,]+)", ran.stderr)
    if found is None:
        raise SystemExit(f"valgrind did not say how many instructions it saw:\n{ran.stderr}")
    return int(found[1].replace(",", "")) / 1e6


def main() -> int:
    """Count and print."""
    if shutil.which("valgrind") is None:
        raise SystemExit("valgrind is missing. Install it: apt-get install valgrind")
    start = instructions("pass")
    client, missed = instructions(CLIENT) - start, 0
    print(f"{'a client of boto3':18} {client:6,.0f} million instructions")
    for name in sys.argv[1:] or FLOORS:
        ours = instructions("import app", ROOT / "functions" / name) - start
        floor = instructions(FLOORS[name]) - start
        missed += ours > BUDGET * floor
        print(f"{name:18} x {ours / client:4.2f}   its packages x {floor / client:4.2f}   ratio {ours / floor:4.2f}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
