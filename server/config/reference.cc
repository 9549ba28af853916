#include "server/config/reference.h"

#include "server/config/settings.h"

namespace server::config {
namespace {

std::string row(const Setting& setting, const std::string& standard) {
    auto text = "| `" + std::string(setting.key) + "` | " + setting.kind.form + " | ";
    if (setting.required) {
        text += "needed";
    } else if (!standard.empty()) {
        text += "`" + standard + "`";
    }
    text.append(" | ").append(setting.meaning);
    return text + (setting.takes == Takes::reload ? " (reload)" : "") + " |\n";
}

}  // namespace

std::string reference() {
    std::string text =
        "# kyso.toml\n"
        "\n"
        "TOML, in the data folder; `kyso up` makes one that works. Paths are relative to that\n"
        "folder. A key or section that is not listed here is an error, so that a slip of the pen\n"
        "is seen. `kyso config check --data DIR` reads the file and what it names, and says what "
        "is\n"
        "wrong before a start does.\n"
        "\n"
        "What is marked *reload* takes effect on SIGHUP to kyso-server, or with `kyso config\n"
        "reload --data DIR`, which says how it went; no connection is cut. The rest takes a\n"
        "restart. A file that cannot be used is refused whole, and all stays as it was.\n"
        "\n"
        "`kyso config reference` prints this page.\n";
    Config standard;
    for (const auto& section : sections()) {
        const auto name = std::string(section.name);
        text += "\n## " + (section.repeats() ? "[[" + name + "]]" : "[" + name + "]") + "\n\n";
        text.append(section.meaning)
            .append("\n\n| key | value | without it | |\n|---|---|---|---|\n");
        if (section.repeats()) {
            section.add(standard);
        }
        for (const auto& setting : section.settings) {
            text += row(setting, setting.kind.shown(standard, 0));
        }
    }
    return text;
}

}  // namespace server::config
