// The one place where an address of a script is made from text (Trusted Types): our two workers'.

// Put in by build.py: the document viewer's worker, by its hashed name.
declare const PDF_WORKER: string;

export const ownWorker = "/sw.js";
export const pdfWorker = PDF_WORKER;

interface Policy {
  createScriptURL(text: string): string;
}
interface TrustedTypes {
  createPolicy(name: string, rules: Policy): Policy;
}

const rules: Policy = {
  createScriptURL: (text) => {
    if (text !== ownWorker && text !== pdfWorker) {
      throw new TypeError("not a script of this app");
    }
    return text;
  },
};
const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;

export const trusted: Policy = types ? types.createPolicy("kyso-worker", rules) : rules;
