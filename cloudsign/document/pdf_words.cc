#include "cloudsign/document/pdf_words.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <span>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cloudsign/document/appearance_form.h"
#include "cloudsign/document/composed.h"

namespace cloudsign::document {
namespace {

constexpr auto patience = std::chrono::seconds(60);
constexpr std::size_t output_max = 64 * 1024 * 1024;
constexpr rlim_t memory_max = rlim_t{2} * 1024 * 1024 * 1024;

Error unavailable(std::string detail) {
    return {ErrorKind::unavailable, std::move(detail)};
}

// Between fork and exec: system calls alone.
[[noreturn]] void become_pdftotext(const char* file, int out) {
    const rlimit memory{memory_max, memory_max};
    ::setrlimit(RLIMIT_AS, &memory);
    const int nowhere = ::open("/dev/null", O_RDWR);
    ::dup2(nowhere, 0);
    ::dup2(out, 1);
    ::dup2(nowhere, 2);
    ::execlp("pdftotext", "pdftotext", "-q", "-bbox", file, "-", nullptr);
    ::_exit(127);
}

// Everything until its end; none when that takes too long or too much.
std::optional<std::string> read_all(int in) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    std::string text;
    std::array<char, 65536> buffer{};
    while (text.size() <= output_max) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd waiting{in, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) {
            return std::nullopt;
        }
        const auto size = ::read(in, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0) {
            return size == 0 ? std::optional(std::move(text)) : std::nullopt;
        }
        text.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return std::nullopt;
}

double attribute(std::string_view tag, std::string_view name) {
    const auto at = tag.find(std::string(name) + "=\"");
    return at == std::string_view::npos
               ? 0
               : std::strtod(std::string(tag.substr(at + name.size() + 2, 32)).c_str(), nullptr);
}

std::string unescaped(std::string_view text) {
    constexpr std::pair<std::string_view, char> entities[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    std::string plain;
    for (std::size_t at = 0; at < text.size();) {
        const auto* found = std::ranges::find_if(entities, [&](const auto& entity) {
            return text.substr(at).starts_with(entity.first);
        });
        const bool is_entity = found != std::end(entities);
        plain += is_entity ? found->second : text[at];
        at += is_entity ? found->first.size() : 1;
    }
    return plain;
}

bool is_within(double middle, double begin, double size) {
    return middle > begin && middle < begin + size;
}

// Beside each other; or, where text runs up or down the page as it is shown, above each other.
bool is_same_line(const PdfBox& line, const PdfBox& word) {
    return is_within(word.y + word.height / 2, line.y, line.height) ||
           (line.height > line.width && is_within(word.x + word.width / 2, line.x, line.width));
}

PdfBox united(const PdfBox& a, const PdfBox& b) {
    const auto x = std::min(a.x, b.x);
    const auto y = std::min(a.y, b.y);
    return {x,
            y,
            std::max(a.x + a.width, b.x + b.width) - x,
            std::max(a.y + a.height, b.y + b.height) - y};
}

// As the words of a page are joined: one blank between two.
std::string with_single_blanks(std::string_view text) {
    std::string out;
    for (const char c : composed(text)) {
        const bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!is_blank) {
            out += c;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    while (out.ends_with(' ')) {
        out.pop_back();
    }
    return out;
}

void find_on_page(std::span<const PdfWord> words,
                  const std::string& phrase,
                  std::vector<TextHit>& hits) {
    std::string text;
    std::vector<std::size_t> ends;  // of each word, in `text`
    for (const auto& word : words) {
        text += (text.empty() ? "" : " ") + word.text;
        ends.push_back(text.size());
    }
    for (auto at = text.find(phrase); at != std::string::npos; at = text.find(phrase, at + 1)) {
        auto word = static_cast<std::size_t>(std::ranges::upper_bound(ends, at) - ends.begin());
        TextHit hit{words[word].page, words[word].box};
        while (ends[word] < at + phrase.size() && is_same_line(hit.box, words[word + 1].box)) {
            hit.box = united(hit.box, words[++word].box);
        }
        hits.push_back(hit);
    }
}

}  // namespace

Result<std::vector<PdfWord>> read_words(const std::filesystem::path& pdf) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return unavailable("no pipe for pdftotext");
    }
    // "./": a name that begins with a dash is no option.
    const auto file = pdf.is_absolute() ? pdf.string() : "./" + pdf.string();
    const auto child = ::fork();
    if (child == 0) {
        become_pdftotext(file.c_str(), ends[1]);
    }
    ::close(ends[1]);
    const auto text = child > 0 ? read_all(ends[0]) : std::nullopt;
    ::close(ends[0]);
    int status = 0;
    if (child > 0) {
        if (!text) {
            ::kill(child, SIGKILL);
        }
        while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
    }
    if (!text || (WIFEXITED(status) && WEXITSTATUS(status) == 127)) {
        return unavailable("The PDF's text could not be read (pdftotext).");
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return Error{ErrorKind::invalid, "The PDF's text cannot be read."};
    }
    return parse_words(*text);
}

Result<std::vector<TextHit>> find_text(const std::filesystem::path& file,
                                       hsm::ByteView bytes,
                                       std::string_view phrase) {
    TRY_ASSIGN(const auto words, read_words(file));
    TRY_ASSIGN(auto pdf, PdfFile::open(bytes));
    std::vector<TextHit> hits;
    for (auto& hit : find_phrase(words, phrase)) {
        TRY_ASSIGN(auto page, pdf->page(hit.page));
        TRY_ASSIGN(const auto shown, shown_page(page));
        page.crop_box = QPDFObjectHandle();
        TRY_ASSIGN(const auto whole, shown_page(page));
        hit.box.y = whole.height() - hit.box.y - hit.box.height;
        hit.box = shown_box(shown, user_rectangle(whole, hit.box));
        if (is_on(shown, hit.box)) {
            hits.push_back(hit);
        }
    }
    return hits;
}

std::vector<PdfWord> parse_words(std::string_view xhtml) {
    std::vector<PdfWord> words;
    std::size_t page = 0;
    for (auto at = xhtml.find('<'); at != std::string_view::npos; at = xhtml.find('<', at + 1)) {
        const auto rest = xhtml.substr(at);
        const auto end = rest.find('>');
        if (end == std::string_view::npos) {
            break;
        }
        const auto tag = rest.substr(0, end);
        if (tag.starts_with("<page ")) {
            ++page;
        }
        const auto close = rest.find("</word>");
        if (!tag.starts_with("<word ") || close == std::string_view::npos) {
            continue;
        }
        const auto x = attribute(tag, "xMin");
        const auto top = attribute(tag, "yMin");
        words.push_back({page,
                         {x, top, attribute(tag, "xMax") - x, attribute(tag, "yMax") - top},
                         composed(unescaped(rest.substr(end + 1, close - end - 1)))});
    }
    return words;
}

std::vector<TextHit> find_phrase(const std::vector<PdfWord>& words, std::string_view phrase) {
    std::vector<TextHit> hits;
    const auto wanted = with_single_blanks(phrase);
    if (wanted.empty()) {
        return hits;
    }
    for (auto begin = words.begin(); begin != words.end();) {
        const auto end = std::find_if(
            begin, words.end(), [&](const PdfWord& word) { return word.page != begin->page; });
        find_on_page({begin, end}, wanted, hits);
        begin = end;
    }
    return hits;
}

}  // namespace cloudsign::document
