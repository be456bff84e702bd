/** Where the project lives: known to package.json alone, in three fields that follow from one address. */

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
