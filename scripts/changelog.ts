/** Reading CHANGELOG.md, in the form of Keep a Changelog. */

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
