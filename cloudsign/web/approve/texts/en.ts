import type { Texts } from "./vi.ts";

export const texts: Texts = {
  name: "Kyso",
  title: "Sign",
  otherLanguage: "Tiếng Việt",
  back: "What is waiting",
  loading: "Loading…",

  welcomeTitle: "This phone is not enrolled yet",
  welcome: "Open the invitation link that the registration office gave you, on this very phone.",

  enrolTitle: "Enrol this phone",
  enrol:
    "The phone will make an approval passkey. From then on only you, with this phone's fingerprint, face or unlock code, can sign.",
  deviceName: "Name of the phone",
  defaultDeviceName: "My phone",
  createPasskey: "Make the approval passkey",
  enrolledAlready: "This phone is enrolled already",
  linkBroken: "This link is not complete. Open the link again exactly as you received it.",

  bindTitle: "Is this you?",
  bind: "A new signing key will belong to this person, and this phone alone can approve with it:",
  bindConfirm: "Yes, this is me",
  shortCode: "The phone's short code",
  compare: "Read this code to the registrar. They must see exactly this code on their screen.",
  waitingOffice: "Waiting for the registration office",
  boundTitle: "The phone is enrolled",
  bound: "The registration office has confirmed this phone. What is to be signed shows up in the list.",

  inboxTitle: "Waiting for you",
  inboxEmpty: "Nothing is waiting.",
  stale: "No connection. The list may be old; nothing can be signed now.",
  unnamedRequester: "Somebody without a name",

  signTitle: "Do you want to sign?",
  requester: "Who asks",
  ownWords: "Why, in their own words",
  code: "The code on the other screen must be",
  typeNumber: "Type the number that the other screen shows",
  unnamedDocument: "(document without a name)",
  signer: "Sign with the certificate of",
  algorithm: "Algorithm",
  technical: "Technical details",
  timeLeft: "Time left",
  timeOver: "The time to answer is over. Whoever asked can ask again.",

  approve: "Sign",
  reject: "Reject",
  notMine: "I did not start this",
  notMineMeans: "“I did not start this” also suspends your signing, until the registration office resumes it.",

  doneSigned: "Signed",
  doneApproved: "Approved",
  doneApprovedText: "Whoever asked gets the signature now.",
  doneRejected: "Rejected",
  doneNotMine: "Reported: you did not start this",
  doneNotMineText: "Your signing is suspended. Get in touch with the registration office.",
  doneExpired: "The time is over",
  doneOther: "This request is over",
  doneText: "Nothing was signed.",
  receipts: "Receipts by the module",

  refusedTitle: "The phone refuses this request",
  refused:
    "What is shown and what is asked to be signed are not the same. Nothing was signed. Tell the registration office.",
  refusedDetail: "What does not match",

  wrongNumber: "That is not the number on the other screen. The request is over.",
  cancelled: "Cancelled. You can try again.",
  noPasskeys: "This browser cannot make a fitting approval passkey.",
  offline: "The server cannot be reached. Try again.",
  sessionOver: "The server does not know this phone any more. Get in touch with the registration office.",
  notFound: "Not found, expired or used already.",
  notAccepted: "The server did not accept it.",
  failed: "Something went wrong. Try again.",

  documents: (count: number) => (count === 1 ? "1 document" : `${count} documents`),
  secondsLeft: (seconds: number) => `${seconds} seconds left to answer.`,
};
