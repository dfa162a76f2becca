"""Runs examples/slurm on a Slurm of one node that it starts for itself, and holds the merged
results against a run in one piece. Exits with 77 where there is no Slurm, or it may not start.

    slurm_array.py CHOKEPOINT SOURCE_FOLDER
"""
import filecmp
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
SLURM = """ClusterName=chokepoint
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def skip(reason):
    print("skipped:", reason)
    sys.exit(SKIPPED)


def wait_for(condition, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.3)
    return False


class Cluster:
    def __init__(self, folder):
        self.folder = folder
        self.daemons = []
        host = socket.gethostname()
        for name in ("state", "spool"):
            (folder / name).mkdir()
        (folder / "key").write_bytes(os.urandom(1024))
        (folder / "key").chmod(0o400)
        (folder / "slurm.conf").write_text(
            SLURM.format(host=host, folder=folder, cpus=os.cpu_count()))
        self.environment = dict(os.environ, SLURM_CONF=str(folder / "slurm.conf"))

    def start(self):
        folder = self.folder
        self.run_daemon("munged", "--foreground", "--force", f"--key-file={folder}/key",
                        f"--socket={folder}/munge.socket", f"--pid-file={folder}/munged.pid",
                        f"--log-file={folder}/munged.log", f"--seed-file={folder}/seed")
        if not wait_for((folder / "munge.socket").exists, 10):
            skip("munged does not start")
        self.run_daemon("slurmctld", "-D", "-c")
        self.run_daemon("slurmd", "-D", "-N", socket.gethostname())
        if not wait_for(lambda: "idle" in self.output("sinfo", "-h", "-o", "%T"), 30):
            skip("the node does not come up: "
                 + self.output("tail", "-3", str(folder / "slurmd.log"),
                               str(folder / "slurmctld.log")))

    def run_daemon(self, *command):
        self.daemons.append(subprocess.Popen(command, env=self.environment,
                                             stdout=subprocess.DEVNULL,
                                             stderr=subprocess.DEVNULL))

    def output(self, *command, **more):
        return subprocess.run(command, env=dict(self.environment, **more), text=True,
                              capture_output=True, cwd=self.folder).stdout

    def stop(self):
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()


def main(binary, source):
    for program in ("munged", "slurmctld", "slurmd", "sbatch"):
        if shutil.which(program) is None and not pathlib.Path("/usr/sbin", program).exists():
            skip(f"there is no {program}")
    if os.geteuid() != 0:
        skip("only root may start a Slurm of its own")
    os.environ["PATH"] += ":/usr/sbin"
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chokepoint-"))
    folder.chmod(0o755)
    scenario = pathlib.Path(source, "scenarios/first_steps.yaml")
    cluster = Cluster(folder)
    try:
        cluster.start()
        print(cluster.output(str(pathlib.Path(source, "examples/slurm/submit.sh")), "3",
                             str(scenario), str(folder / "run"), "--trials", "3000",
                             CHOKEPOINT=binary))
        done = wait_for((folder / "run/whole/manifest.json").exists, 120)
        if not done:
            print(cluster.output("squeue"), cluster.output("sh", "-c", "tail -n 20 *.log"))
            sys.exit("the merge job did not end")
    finally:
        cluster.stop()
    subprocess.run([binary, "run", str(scenario), "--quiet", "--trials", "3000", "--out",
                    str(folder / "one")], check=True, stdout=subprocess.DEVNULL)
    names = {path.name for path in (folder / "one").iterdir()} - {"manifest.json"}
    same, _, _ = filecmp.cmpfiles(folder / "one", folder / "run/whole", names, shallow=False)
    if set(same) != names:
        sys.exit(f"{sorted(names - set(same))} differ")
    shutil.rmtree(folder)
    print(f"three array tasks and a merge: {len(names)} files, the same bytes")


main(*sys.argv[1:])
