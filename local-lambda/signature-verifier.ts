import { timingSafeEqual } from "node:crypto";
import type { Credentials } from "./credentials.js";
import { REGION } from "./function-name.js";
import type { Refusal } from "./refusals.js";
import { signatureRefusals } from "./signature-refusals.js";
import {
	ALGORITHM,
	computeSignature,
	deriveSigningKey,
	formatInstant,
	SERVICE,
	type SignedRequest,
	TERMINATOR,
} from "./signature-v4.js";

/** Lambda's tolerance, in either direction. */
const MAX_CLOCK_SKEW_MS = 5 * 60 * 1000;

/** What the headers say about a signature. */
interface Authorization {
	accessKeyId: string;
	/** `YYYYMMDD` */
	day: string;
	region: string;
	service: string;
	terminator: string;
	signedHeaders: string[];
	signature: string;
	/** When it was signed: `YYYYMMDDTHHMMSSZ`. */
	date: string;
}

/** A key holder, with the signing key of the day on which it last signed. */
interface KeyHolder {
	credentials: Credentials;
	day?: string;
	signingKey?: Buffer;
}

const parseAuthorization = (header: string, date: string | undefined): Authorization | Refusal => {
	const space = header.indexOf(" ");
	const parameters: Record<string, string> = {};
	if (header.slice(0, space) === ALGORITHM) {
		for (const pair of header.slice(space + 1).split(",")) {
			const [name = "", ...value] = pair.trim().split("=");
			if (value.length === 0) return signatureRefusals.notAPair(header);
			parameters[name] = value.join("=");
		}
	}
	const missing = ["Credential", "Signature", "SignedHeaders"].filter((name) => !parameters[name]);
	if (missing.length > 0 || date === undefined) {
		return signatureRefusals.missingParameters(missing, date !== undefined, header);
	}
	const { Credential = "", Signature: signature = "", SignedHeaders = "" } = parameters;
	const [accessKeyId = "", day = "", region = "", service = "", terminator, ...rest] = Credential.split("/");
	if (terminator === undefined || rest.length > 0) return signatureRefusals.malformedCredential(Credential);
	return { accessKeyId, day, region, service, terminator, signedHeaders: SignedHeaders.split(";"), signature, date };
};

const checkScope = ({ day, region, service, terminator, date }: Authorization): Refusal | undefined => {
	const problems: string[] = [];
	if (region !== REGION) problems.push(`Credential should be scoped to a valid region, not '${region}'. `);
	if (service !== SERVICE) problems.push(`Credential should be scoped to correct service: '${SERVICE}'. `);
	if (terminator !== TERMINATOR) {
		problems.push(`Credential should be scoped with a valid terminator: '${TERMINATOR}', not '${terminator}'. `);
	}
	if (!date.startsWith(day)) {
		problems.push(
			`Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${day}' != '${date.slice(0, 8)}', from '${date}'. `,
		);
	}
	return problems.length > 0 ? signatureRefusals.wrongScope(problems) : undefined;
};

const checkClock = (date: string, now: number): Refusal | undefined => {
	if (!/^\d{8}T\d{6}Z$/.test(date)) return signatureRefusals.malformedDate(date);
	const serverDate = formatInstant(now);
	const earliest = formatInstant(now - MAX_CLOCK_SKEW_MS);
	const latest = formatInstant(now + MAX_CLOCK_SKEW_MS);
	// Texts of this format sort by time.
	if (date < earliest) return signatureRefusals.expired(date, earliest, serverDate);
	if (date > latest) return signatureRefusals.notYetCurrent(date, latest, serverDate);
	return undefined;
};

const isEqual = (one: string, other: string): boolean =>
	one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

/** Checks the signatures of requests (Signature Version 4 in the `Authorization` header), as Lambda does. */
export class SignatureVerifier {
	readonly #keyHolders = new Map<string, KeyHolder>();

	/** From now on, requests that are signed with these credentials are accepted. Returns the credentials. */
	accept<Issued extends Credentials>(credentials: Issued): Issued {
		this.#keyHolders.set(credentials.accessKeyId, { credentials });
		return credentials;
	}

	/**
	 * Undefined if the request is signed with accepted credentials.
	 *
	 * @param now in epoch ms
	 */
	verify(request: SignedRequest, now = Date.now()): Refusal | undefined {
		const { headers } = request;
		if (!headers.authorization) return signatureRefusals.missingToken();
		const authorization = parseAuthorization(headers.authorization, headers["x-amz-date"]);
		if ("body" in authorization) return authorization;
		const { accessKeyId, day, date, signedHeaders, signature } = authorization;
		if (!signedHeaders.includes("host")) return signatureRefusals.unsignedHost();
		const problem = checkScope(authorization) ?? checkClock(date, now);
		if (problem) return problem;
		const keyHolder = this.#keyHolders.get(accessKeyId);
		if (!keyHolder || keyHolder.credentials.sessionToken !== headers["x-amz-security-token"]) {
			return signatureRefusals.unknownKey();
		}
		const expected = computeSignature(request, signedHeaders, date, this.#signingKey(keyHolder, day));
		return isEqual(expected, signature) ? undefined : signatureRefusals.wrongSignature();
	}

	#signingKey(keyHolder: KeyHolder, day: string): Buffer {
		if (keyHolder.day !== day || !keyHolder.signingKey) {
			keyHolder.day = day;
			keyHolder.signingKey = deriveSigningKey(keyHolder.credentials.secretAccessKey, day);
		}
		return keyHolder.signingKey;
	}
}
