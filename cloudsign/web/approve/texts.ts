// Every word that the app says. A language that lacks one does not compile.

export type Language = "vi" | "en";

const vi = {
  name: "Kyso",
  title: "Ký số",
  otherLanguage: "English",
  welcomeTitle: "Điện thoại này chưa được ghi danh",
  welcome: "Hãy mở đường dẫn mời mà nơi đăng ký đã đưa cho bạn, trên chính điện thoại này.",
};

export type Texts = typeof vi;

const en: Texts = {
  name: "Kyso",
  title: "Sign",
  otherLanguage: "Tiếng Việt",
  welcomeTitle: "This phone is not enrolled yet",
  welcome: "Open the invitation link that the registration office gave you, on this very phone.",
};

const all: Record<Language, Texts> = { vi, en };

export function textsIn(language: Language): Texts {
  return all[language];
}
