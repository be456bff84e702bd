import { execFile } from "node:child_process";
import { generateKeyPair } from "node:crypto";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** A self-signed certificate for `localhost`. */
export interface Certificate {
	key: Buffer;
	cert: Buffer;
	/** Folder of both files. Whoever makes the certificate removes it. */
	folder: string;
	/** The certificate's file, for `NODE_EXTRA_CA_CERTS`. It contains what this process trusts by that variable too. */
	file: string;
}

let keyOfProcess: Promise<string> | undefined;

/**
 * One key for all certificates of this process, because a new one takes much longer than a certificate. Its kind is that
 * of AWS's, since the cost of a handshake depends on it.
 */
const privateKey = (): Promise<string> => {
	keyOfProcess ??= promisify(generateKeyPair)("rsa", {
		modulusLength: 2048,
		publicKeyEncoding: { type: "spki", format: "pem" },
		privateKeyEncoding: { type: "pkcs8", format: "pem" },
	}).then(({ privateKey }) => privateKey);
	return keyOfProcess;
};

/** Makes a certificate that is valid for a day. Throws if there is no `openssl`. */
export const createCertificate = async (): Promise<Certificate> => {
	const folder = await mkdtemp(join(tmpdir(), "middy-lambda-warmer-"));
	const keyFile = join(folder, "key.pem");
	const file = join(folder, "certificate.pem");
	try {
		await writeFile(keyFile, await privateKey());
		await promisify(execFile)("openssl", [
			...["req", "-x509", "-nodes", "-days", "1", "-subj", "/CN=localhost"],
			...["-key", keyFile, "-out", file],
			...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"],
		]);
		const [key, cert] = await Promise.all([readFile(keyFile), readFile(file)]);
		// Node.js also ignores a file that it cannot read.
		await appendFile(file, await readFile(process.env.NODE_EXTRA_CA_CERTS ?? "").catch(() => ""));
		return { key, cert, folder, file };
	} catch (error) {
		await rm(folder, { recursive: true });
		throw new Error("no certificate for the local Lambda: install the command openssl, or leave out `tls`", {
			cause: error,
		});
	}
};
