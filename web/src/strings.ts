/** Every text that the page itself says, by the part that says it; those of live streams come with their parts. */
export * from "./strings/chat";
export * from "./strings/page";
export * from "./strings/people";
export * from "./strings/playing";
export * from "./strings/rights";
export * from "./strings/settings";
export * from "./strings/timeline";
