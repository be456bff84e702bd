import { type Refusal, refusal } from "./refusals.js";
import { sha256 } from "./signature-v4.js";

const refuse = (errorType: string, message: string): Refusal => refusal(403, errorType, { message });
const incomplete = (message: string): Refusal => refuse("IncompleteSignatureException", message);
const invalid = (message: string): Refusal => refuse("InvalidSignatureException", message);

/** AWS quotes headers that may contain a secret only as a hash. */
const hashed = (header: string): string =>
	`(hashed with SHA-256 and encoded with Base64)=${Buffer.from(sha256(header), "hex").toString("base64")}`;

/**
 * How Lambda refuses a request whose signature it does not accept: always 403 (API reference, "Common Errors"), with a
 * body that contains the message alone.
 */
export const signatureRefusals = {
	missingToken: () => refuse("MissingAuthenticationTokenException", "Missing Authentication Token"),
	unknownKey: () => refuse("UnrecognizedClientException", "The security token included in the request is invalid."),
	wrongSignature: () =>
		invalid(
			"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
		),
	/** @param problems sentences that each end with a space, as AWS writes them */
	wrongScope: (problems: readonly string[]) => invalid(problems.join("")),
	unsignedHost: () => invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."),
	expired: (date: string, earliest: string, now: string) =>
		invalid(`Signature expired: ${date} is now earlier than ${earliest} (${now} - 5 min.)`),
	notYetCurrent: (date: string, latest: string, now: string) =>
		invalid(`Signature not yet current: ${date} is still later than ${latest} (${now} + 5 min.)`),
	missingParameters: (names: readonly string[], hasDate: boolean, header: string) =>
		incomplete(
			[
				...names.map((name) => `Authorization header requires '${name}' parameter.`),
				...(hasDate ? [] : ["Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."]),
				`Authorization ${hashed(header)}`,
			].join(" "),
		),
	notAPair: (header: string) =>
		incomplete(`Invalid key=value pair (missing equal-sign) in Authorization header ${hashed(header)}`),
	malformedCredential: (credential: string) =>
		incomplete(
			`Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
		),
	malformedDate: (date: string) => incomplete(`Date must be in ISO-8601 'basic format'. Got '${date}'.`),
};
