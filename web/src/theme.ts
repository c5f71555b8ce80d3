// Runs before the first paint, so that the page never shows in the colours that were not chosen.
import { applyLook, prefs } from "./ui/prefs";

applyLook(prefs());
