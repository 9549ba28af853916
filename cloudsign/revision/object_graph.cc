#include "cloudsign/revision/object_graph.h"

#include <algorithm>
#include <stdexcept>

namespace cloudsign::revision {
namespace {

using document::PdfFile;

constexpr std::size_t values_max = 5'000'000;
constexpr std::size_t pages_max = 200'000;

using Table = std::map<QPDFObjGen, QPDFXRefEntry>;

bool lies_alike(const Table& before,
                const Table& after,
                const QPDFXRefEntry& a,
                const QPDFXRefEntry& b) {
    if (a.getType() != b.getType()) {
        return false;
    }
    if (a.getType() == 1) {
        return a.getOffset() == b.getOffset();
    }
    if (a.getType() != 2 || a.getObjStreamNumber() != b.getObjStreamNumber() ||
        a.getObjStreamIndex() != b.getObjStreamIndex()) {
        return false;
    }
    const QPDFObjGen stream(a.getObjStreamNumber(), 0);
    const auto then = before.find(stream);
    const auto now = after.find(stream);
    return then != before.end() && now != after.end() && then->second.getType() == 1 &&
           now->second.getType() == 1 && then->second.getOffset() == now->second.getOffset();
}

bool is_same(QPDFObjectHandle a, QPDFObjectHandle b) {
    if (a.isStream() != b.isStream()) {
        return false;
    }
    if (!a.isStream()) {
        return a.unparseResolved() == b.unparseResolved();
    }
    if (a.getDict().unparse() != b.getDict().unparse()) {
        return false;
    }
    const auto x = a.getRawStreamData();
    const auto y = b.getRawStreamData();
    return x->getSize() == y->getSize() &&
           std::equal(x->getBuffer(), x->getBuffer() + x->getSize(), y->getBuffer());
}

class Walk {
public:
    Walk(PdfFile& file, const std::set<QPDFObjGen>& watched)
        : table_(file.pdf().getXRefTable()), watched_(watched) {
        auto trailer = file.pdf().getTrailer();
        for (const auto& [key, value] : trailer.getDictAsMap()) {
            waiting_.push_back({value, {QPDFObjGen(), key, key}});
        }
    }

    Edges run() {
        while (!waiting_.empty()) {
            auto next = std::move(waiting_.back());
            waiting_.pop_back();
            visit(next.value, next.at);
        }
        return std::move(edges_);
    }

private:
    struct Waiting {
        QPDFObjectHandle value;
        Edge at;
    };

    void visit(QPDFObjectHandle value, const Edge& at) {
        if (++values_ > values_max) {
            throw std::runtime_error("it has too many objects");
        }
        if (value.isIndirect()) {
            const auto id = value.getObjGen();
            const auto near = table_.lower_bound(QPDFObjGen(id.getObj(), 0));
            if (near != table_.end() && near->first.getObj() == id.getObj() && near->first != id) {
                throw std::runtime_error("it refers to object " + std::to_string(id.getObj()) +
                                         " by another generation than it has");
            }
            if (watched_.contains(id)) {
                edges_[id].insert(at);
            }
            if (!seen_.insert(id).second) {
                return;
            }
            open(value, {id, "", ""});
            return;
        }
        open(value, at);
    }

    void open(QPDFObjectHandle value, const Edge& at) {
        if (value.isArray()) {
            for (int i = 0; i < value.getArrayNItems(); ++i) {
                push(value.getArrayItem(i), at);
            }
            return;
        }
        if (!value.isDictionary() && !value.isStream()) {
            return;
        }
        for (const auto& [key, item] :
             (value.isStream() ? value.getDict() : value).getDictAsMap()) {
            push(item, {at.owner, at.top.empty() ? key : at.top, key});
        }
    }

    void push(QPDFObjectHandle value, const Edge& at) {
        // Nothing else can hold a reference.
        if (value.isIndirect() || value.isArray() || value.isDictionary()) {
            waiting_.push_back({value, at});
        }
    }

    const Table table_;
    const std::set<QPDFObjGen>& watched_;
    std::vector<Waiting> waiting_;
    std::set<QPDFObjGen> seen_;
    Edges edges_;
    std::size_t values_ = 0;
};

}  // namespace

Entries entries_of(QPDFObjectHandle object) {
    Entries entries;
    if (object.isStream()) {
        object = object.getDict();
    }
    if (object.isDictionary()) {
        for (auto& [key, value] : object.getDictAsMap()) {
            entries[key] = QPDFObjectHandle(value).unparse();
        }
    }
    return entries;
}

std::set<std::string> differing_keys(QPDFObjectHandle before, QPDFObjectHandle after) {
    const auto then = entries_of(before);
    const auto now = entries_of(after);
    std::set<std::string> keys;
    for (const auto& [key, value] : then) {
        const auto found = now.find(key);
        if (found == now.end() || found->second != value) {
            keys.insert(key);
        }
    }
    for (const auto& [key, value] : now) {
        if (!then.contains(key)) {
            keys.insert(key);
        }
    }
    return keys;
}

Difference difference(PdfFile& before, PdfFile& after) {
    Difference found;
    const auto then = before.pdf().getXRefTable();
    const auto now = after.pdf().getXRefTable();
    for (const auto& [id, entry] : now) {
        const auto old = then.find(id);
        if (old == then.end()) {
            found.added.insert(id);
        } else if (!lies_alike(then, now, old->second, entry) &&
                   !is_same(before.pdf().getObjectByObjGen(id),
                            after.pdf().getObjectByObjGen(id))) {
            found.changed.insert(id);
        }
    }
    for (const auto& [id, entry] : then) {
        if (!now.contains(id)) {
            found.removed.insert(id);
        }
    }
    return found;
}

Edges edges_to(PdfFile& file, const std::set<QPDFObjGen>& watched) {
    return Walk(file, watched).run();
}

std::vector<QPDFObjectHandle> pages_of(PdfFile& file) {
    std::vector<QPDFObjectHandle> pages;
    std::vector<QPDFObjectHandle> waiting{file.root().getKey("/Pages")};
    std::set<QPDFObjGen> seen;
    while (!waiting.empty()) {
        auto node = waiting.back();
        waiting.pop_back();
        if (!node.isDictionary() || !node.isIndirect() || seen.size() > pages_max ||
            !seen.insert(node.getObjGen()).second) {
            throw std::runtime_error("its page tree is no tree");
        }
        auto kids = node.getKey("/Kids");
        if (!kids.isArray()) {
            pages.push_back(node);
            continue;
        }
        for (int i = kids.getArrayNItems(); i-- > 0;) {
            waiting.push_back(kids.getArrayItem(i));
        }
    }
    return pages;
}

}  // namespace cloudsign::revision
