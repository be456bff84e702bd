/** The elements of our SVG drawings, and how much room text takes in them. */

// Lengths are in pixels of the drawing. On a screen 400 px wide two thirds of them remain: text of 18 px has 12.
export const WIDTH = 600;
export const FONT_SIZE = 18;
export const TITLE_SIZE = 21;
export const BAR_HEIGHT = 20;
/** Left free at each edge. */
export const MARGIN = 16;
export const LINE_HEIGHT = 26;

/** So that an activity of a few ms can be seen. */
const MIN_BAR_WIDTH = 3;

/** More than the average character takes in any font of the style, as a share of the font's size. */
const CHARACTER_WIDTH = 0.6;

/** The paper is opaque, because a page may be dark where its reader's system is not. */
const LIGHT = `
text { font: ${FONT_SIZE}px Helvetica, Arial, "DejaVu Sans", sans-serif; fill: #222222; }
.title { font-size: ${TITLE_SIZE}px; }
.title, .heading { font-weight: bold; }
.paper { fill: #ffffff; }
.grid { stroke: #e4e4e4; }
.moment { stroke: #222222; stroke-dasharray: 3 3; }`;

const DARK = `
text { fill: #e6edf3; }
.paper { fill: #0d1117; }
.grid { stroke: #30363d; }
.moment { stroke: #e6edf3; }`;

/** Okabe and Ito's palette, which color-blind people can tell apart too, and a gray that stays in the background. */
const COLORS = {
	orange: { light: "#e69f00", dark: "#e69f00" },
	blue: { light: "#0072b2", dark: "#56b4e9" },
	green: { light: "#009e73", dark: "#00b384" },
	gray: { light: "#d8d8d8", dark: "#484f58" },
};

/** The color of each class of bars. */
export type Palette = Readonly<Record<string, keyof typeof COLORS>>;

const colorRules = (palette: Palette, theme: "light" | "dark"): string =>
	Object.entries(palette)
		.map(([className, color]) => `.${className} { fill: ${COLORS[color][theme]}; }`)
		.join("\n");

/** What a document says to those who do not see it. */
export interface Description {
	title: string;
	description: string;
	/** Stands as JSON in `<metadata>`. */
	data: Record<string, unknown>;
}

const styleElement = (palette: Palette): string => {
	const [light = "", dark = ""] = (["light", "dark"] as const).map((theme) => colorRules(palette, theme));
	return `<style>${LIGHT}\n${light}\n@media (prefers-color-scheme: dark) {${DARK}\n${dark}\n}</style>`;
};

/** An SVG document of the given elements. */
export const svgDocument = (
	{ title, description, data }: Description,
	palette: Palette,
	height: number,
	elements: readonly string[],
): string =>
	[
		`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
		`<title>${escapeText(title)}</title>`,
		`<desc>${escapeText(description)}</desc>`,
		`<metadata>${escapeText(JSON.stringify(data))}</metadata>`,
		styleElement(palette),
		`<rect class="paper" width="${WIDTH}" height="${height}"/>`,
		...elements,
		"</svg>",
	].join("\n");

/** One line of text, by default to the right of `x`; `y` is its baseline. */
export const textElement = (
	text: string,
	x: number,
	y: number,
	{ anchor, className }: { anchor?: "middle" | "end"; className?: string | undefined } = {},
): string => {
	const attributes = [
		...(className === undefined ? [] : [`class="${className}"`]),
		`x="${round(x)}" y="${round(y)}"`,
		...(anchor === undefined ? [] : [`text-anchor="${anchor}"`]),
	];
	return `<text ${attributes.join(" ")}>${escapeText(text)}</text>`;
};

/** A vertical line. */
export const lineElement = (className: "grid" | "moment", x: number, top: number, bottom: number): string =>
	`<line class="${className}" x1="${round(x)}" y1="${round(top)}" x2="${round(x)}" y2="${round(bottom)}"/>`;

/** A bar in the color of its class, wide enough to be seen. */
export const barElement = (className: string, x: number, y: number, width: number): string =>
	`<rect class="${className}" x="${round(x)}" y="${round(y)}" width="${round(Math.max(width, MIN_BAR_WIDTH))}" height="${BAR_HEIGHT}"/>`;

/** An upper estimate of a text's width. */
export const widthOf = (text: string, size = FONT_SIZE): number => CHARACTER_WIDTH * size * text.length;

/** Breaks a text between words into lines of at most this width. */
export const wrapWords = (text: string, maxWidth: number, size = FONT_SIZE): string[] => {
	const lines: string[] = [];
	for (const word of text.split(" ")) {
		const longer = `${lines.at(-1)} ${word}`;
		if (lines.length === 0 || widthOf(longer, size) > maxWidth) lines.push(word);
		else lines[lines.length - 1] = longer;
	}
	return lines;
};

const round = (length: number): number => Number(length.toFixed(1));

const escapeText = (text: string): string =>
	text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
