import { execFile } from "node:child_process";
import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** A certificate for `localhost` that signs itself. */
export interface Certificate {
	key: Buffer;
	cert: Buffer;
	/** Folder of both, to be removed. */
	folder: string;
	/** The certificate's file, for `NODE_EXTRA_CA_CERTS`; what this process is told to trust by that is in it too. */
	file: string;
}

/** Makes a certificate that is good for a day. Throws if there is no `openssl`. */
export const makeCertificate = async (): Promise<Certificate> => {
	const folder = await mkdtemp(join(tmpdir(), "middy-lambda-warmer-"));
	const keyFile = join(folder, "key.pem");
	const file = join(folder, "certificate.pem");
	try {
		await promisify(execFile)("openssl", [
			...["req", "-x509", "-nodes", "-days", "1", "-subj", "/CN=localhost"],
			// As AWS's: what a handshake costs depends on the kind of the key.
			...["-newkey", "rsa:2048", "-keyout", keyFile, "-out", file],
			...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
		]);
		const [key, cert] = await Promise.all([readFile(keyFile), readFile(file)]);
		// As Node.js does, without those that cannot be read.
		await appendFile(file, await readFile(process.env.NODE_EXTRA_CA_CERTS ?? "").catch(() => ""));
		return { key, cert, folder, file };
	} catch (error) {
		await rm(folder, { recursive: true });
		throw new Error("The local Lambda needs the openssl command for a certificate", { cause: error });
	}
};
