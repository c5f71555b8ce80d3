export function because(reason: string): string {
  return reason === "" ? "." : `: “${reason}”`;
}

export const listed = new Intl.ListFormat("en", { type: "conjunction" });

export const counted = (count: number, one: string, more = `${one}s`) => `${count} ${count === 1 ? one : more}`;

export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

export const article = (role: string) => (role === "admin" || role === "owner" ? "an" : "a");
