# SPDX-License-Identifier: Apache-2.0
"""Certificates for tests, made by the program openssl, with their keys in one folder."""
import shutil

from .programs import call


def available():
    return shutil.which("openssl") is not None


def openssl(*words):
    result = call(["openssl", *words])
    assert result.status == 0, result


NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class Certificates:
    def __init__(self, folder):
        self.folder = folder

    def authority(self, name):
        openssl("req", "-x509", *NEW_KEY, "-keyout", self.folder / f"{name}.key", "-out",
                self.folder / f"{name}.pem", "-subj", f"/CN={name}", "-days", "3650")

    def certificate(self, name, signer, alternative=None):
        """One with this common name; `alternative` are its other names, "DNS:a,IP:127.0.0.1"."""
        path = self.folder
        openssl("req", *NEW_KEY, "-keyout", path / f"{name}.key", "-out", path / f"{name}.csr",
                "-subj", f"/CN={name}")
        extensions = path / f"{name}.ext"
        extensions.write_text(f"subjectAltName={alternative}\n" if alternative else "")
        openssl("x509", "-req", "-in", path / f"{name}.csr", "-CA", path / f"{signer}.pem",
                "-CAkey", path / f"{signer}.key", "-CAcreateserial", "-out", path / f"{name}.pem",
                "-days", "3650", "-extfile", extensions)

    def options(self, name, believes="ours"):
        """Of our programs: who they are, and whom they believe."""
        return ("--tls-cert", self.folder / f"{name}.pem", "--tls-key",
                self.folder / f"{name}.key", "--tls-ca", self.folder / f"{believes}.pem")
