/**
 * What a release depends on. Where the project lives is known to package.json alone, in three fields that follow from
 * one address; what changed is known to CHANGELOG.md, in the form of Keep a Changelog.
 */

/** The fields of package.json that name the address. */
export interface AddressFields {
	readonly repository?: { readonly type: string; readonly url: string };
	readonly bugs?: { readonly url: string };
	readonly homepage?: string;
}

/** The fields for an address like `https://github.com/owner/name`. */
export const addressFields = (address: string): Required<AddressFields> => ({
	repository: { type: "git", url: `git+${address}.git` },
	bugs: { url: `${address}/issues` },
	homepage: `${address}#readme`,
});

/**
 * What keeps npm from proving where the package was built, or its readers from finding the project; undefined if
 * nothing.
 */
export const addressProblem = ({ repository, bugs, homepage }: AddressFields): string | undefined => {
	const [, address] = /^git\+(https:\/\/github\.com\/[\w.-]+\/[\w.-]+)\.git$/.exec(repository?.url ?? "") ?? [];
	if (address === undefined) {
		return "package.json does not name the repository, and without it npm refuses provenance: npm run release:dry -- --repository https://github.com/OWNER/NAME writes it";
	}
	const expected = addressFields(address);
	return bugs?.url === expected.bugs.url && homepage === expected.homepage
		? undefined
		: `package.json's bugs and homepage do not follow from ${address}: npm run release:dry -- --repository ${address} writes them`;
};

/** A released version. */
export interface Release {
	readonly version: string;
	/** Year, month and day. */
	readonly date: string;
	/** What changed, as Markdown. */
	readonly notes: string;
}

const heading = /^## \[(?<version>\d+\.\d+\.\d+[^\]]*)\] - (?<date>\d{4}-\d{2}-\d{2})$/;

/** The released versions, in the order of the file: newest first. `[Unreleased]` is none. */
export const readReleases = (changelog: string): Release[] =>
	changelog.split(/^(?=## )/m).flatMap((section) => {
		const [first = "", ...notes] = section.split("\n");
		const { version, date } = heading.exec(first)?.groups ?? {};
		return version && date ? [{ version, date, notes: notes.join("\n").trim() }] : [];
	});
