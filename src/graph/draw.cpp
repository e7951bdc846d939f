#include "graph/draw.hpp"

#include <kaygraph/base/interface.hpp>

#include <string_view>
#include <vector>

namespace kaygraph::detail {
namespace {

/// Replaces each character that would end a label.
std::string escaped(std::string_view text, char from, std::string_view to) {
    std::string result;
    for (const char c : text) {
        if (c == from) {
            result += to;
        } else {
            result += c == '\n' ? ' ' : c;
        }
    }
    return result;
}

/// What a drawing consists of, in one of the two languages.
class Pen : public Interface {
public:
    virtual void begin(const std::string& title) = 0;
    virtual void end() = 0;
    virtual void start_mark(const std::string& id) = 0;
    virtual void node(const std::string& id, const NodeEntry& node) = 0;
    virtual void begin_group(const std::string& id, const NodeEntry& node) = 0;
    virtual void end_group() = 0;
    virtual void edge(const std::string& from, const std::string& to, const Action& action) = 0;
    virtual void join(const std::string& from, const std::string& to) = 0;

    [[nodiscard]] std::string take() { return std::move(text_); }

protected:
    void line(const std::string& content) {
        text_ += std::string(2 * depth_, ' ') + content + "\n";
    }

    std::size_t depth_ = 0;

private:
    std::string text_;
};

class Mermaid final : public Pen {
public:
    void begin(const std::string& /*title*/) override {
        line("flowchart TD");
        ++depth_;
    }
    void end() override {}
    void start_mark(const std::string& id) override { line(id + "((\" \"))"); }
    void node(const std::string& id, const NodeEntry& node) override {
        const std::string label = "\"" + label_of(node) + "\"";
        switch (node.model->kind()) {
            case NodeKind::batch:
                return line(id + "[[" + label + "]]");
            case NodeKind::parallel_batch:
                return line(id + "{{" + label + "}}");
            case NodeKind::fork:
                return line(id + "{" + label + "}");
            default:
                return line(id + "[" + label + "]");
        }
    }
    void begin_group(const std::string& id, const NodeEntry& node) override {
        line("subgraph " + id + "[\"" + label_of(node) + "\"]");
        ++depth_;
    }
    void end_group() override {
        --depth_;
        line("end");
    }
    void edge(const std::string& from, const std::string& to, const Action& action) override {
        const std::string label =
            action.is_default() ? "" : "|\"" + escaped(action.name(), '"', "#quot;") + "\"|";
        line(from + " -->" + label + " " + to);
    }
    void join(const std::string& from, const std::string& to) override {
        line(from + " -. join .-> " + to);
    }

private:
    static std::string label_of(const NodeEntry& node) {
        return escaped(node.name, '"', "#quot;") + "<br/>"
               + std::string{to_string(node.model->kind())};
    }
};

class Dot final : public Pen {
public:
    void begin(const std::string& title) override {
        line("digraph \"" + escape(title) + "\" {");
        ++depth_;
        line("compound=true;");
        line("node [shape=box];");
    }
    void end() override {
        --depth_;
        line("}");
    }
    void start_mark(const std::string& id) override { line(id + " [shape=point];"); }
    void node(const std::string& id, const NodeEntry& node) override {
        std::string shape;
        switch (node.model->kind()) {
            case NodeKind::batch:
                shape = ", peripheries=2";
                break;
            case NodeKind::parallel_batch:
                shape = ", shape=hexagon";
                break;
            case NodeKind::fork:
                shape = ", shape=diamond";
                break;
            default:
                break;
        }
        line(id + " [label=\"" + label_of(node) + "\"" + shape + "];");
    }
    void begin_group(const std::string& id, const NodeEntry& node) override {
        line("subgraph cluster_" + id + " {");
        ++depth_;
        line("label=\"" + label_of(node) + "\";");
        line(id + " [shape=point, style=invis];");  // what edges of the group are tied to
    }
    void end_group() override {
        --depth_;
        line("}");
    }
    void edge(const std::string& from, const std::string& to, const Action& action) override {
        const std::string label =
            action.is_default() ? "" : " [label=\"" + escape(action.name()) + "\"]";
        line(from + " -> " + to + label + ";");
    }
    void join(const std::string& from, const std::string& to) override {
        line(from + " -> " + to + " [style=dotted, label=\"join\"];");
    }

private:
    static std::string escape(std::string_view text) {
        return escaped(escaped(text, '\\', "\\\\"), '"', "\\\"");
    }
    static std::string label_of(const NodeEntry& node) {
        return escape(node.name) + "\\n" + std::string{to_string(node.model->kind())};
    }
};

std::string id_of(const std::string& prefix, std::size_t index) {
    return prefix + std::to_string(index);
}

/// The nodes where walks from these nodes end. A fork inside ends where its branches end, or where a walk
/// from behind its join does.
void find_ends(
    const GraphBody& graph,
    const std::vector<std::size_t>& from,
    std::vector<bool>& seen,
    std::vector<std::size_t>& ends
) {
    for (const std::size_t index : from) {
        if (seen[index]) {
            continue;
        }
        seen[index] = true;
        const NodeEntry& node = graph.node(index);
        std::vector<std::size_t> next;
        for (const Edge& edge : node.edges) {
            next.push_back(edge.target);
        }
        const ForkPlan* fork = node.model->fork();
        if (next.empty() && fork == nullptr) {
            ends.push_back(index);
        }
        find_ends(graph, next.empty() && fork != nullptr ? fork->branches : next, seen, ends);
    }
}

/// Draws what leads away from a fork: to its branches, and from their last nodes to what follows the join.
void draw_fork(
    const GraphBody& graph,
    std::size_t index,
    const ForkPlan& fork,
    const std::string& prefix,
    Pen& pen
) {
    for (const std::size_t branch : fork.branches) {
        pen.edge(id_of(prefix, index), id_of(prefix, branch), {});
    }
    std::vector<bool> seen(graph.nodes().size(), false);
    std::vector<std::size_t> ends;
    find_ends(graph, fork.branches, seen, ends);
    for (const Edge& edge : graph.node(index).edges) {
        for (const std::size_t end : ends) {
            pen.join(id_of(prefix, end), id_of(prefix, edge.target));
        }
    }
}

void draw_edges(const GraphBody& graph, const std::string& prefix, Pen& pen) {
    if (graph.start()) {
        pen.start_mark(prefix + "start");
        pen.edge(prefix + "start", id_of(prefix, *graph.start()), {});
    }
    for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
        if (const ForkPlan* fork = graph.node(i).model->fork()) {
            draw_fork(graph, i, *fork, prefix, pen);
            continue;
        }
        for (const Edge& edge : graph.node(i).edges) {
            pen.edge(id_of(prefix, i), id_of(prefix, edge.target), edge.action);
        }
    }
}

/// Draws one graph; the ids of its nodes start with `prefix`.
void draw_graph(const GraphBody& graph, const std::string& prefix, Pen& pen) {
    for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
        const NodeEntry& node = graph.node(i);
        if (const GraphBody* inner = node.model->graph()) {
            pen.begin_group(id_of(prefix, i), node);
            draw_graph(*inner, id_of(prefix, i) + "_", pen);
            pen.end_group();
        } else {
            pen.node(id_of(prefix, i), node);
        }
    }
    draw_edges(graph, prefix, pen);
}

std::string drawn(const GraphBody& graph, Pen& pen) {
    pen.begin(graph.name());
    draw_graph(graph, "n", pen);
    pen.end();
    return pen.take();
}

}  // namespace

std::string to_mermaid(const GraphBody& graph) {
    Mermaid pen;
    return drawn(graph, pen);
}

std::string to_dot(const GraphBody& graph) {
    Dot pen;
    return drawn(graph, pen);
}

}  // namespace kaygraph::detail
