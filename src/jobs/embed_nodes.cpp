#include "jobs/embed_nodes.hpp"

#include "files/known_content.hpp"
#include "jobs/output_check.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/kernels/project.hpp>
#include <kaygraph/kernels/rows.hpp>
#include <kaygraph/kernels/scan.hpp>
#include <kaygraph/kernels/simd_level.hpp>
#include <kaygraph/version.hpp>

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

namespace kaygraph::jobs::detail {
namespace {

/// What this job made beside an input that is a directory is not one of its inputs; what is named by itself is.
void leave_out_products(
    std::vector<TextInput>& inputs,
    const EmbedOptions& options,
    LeftOut& left_out
) {
    std::set<std::string> named;
    for (const std::string& input : options.inputs) {
        named.insert(normal_path(input));
    }
    const std::string out = normal_path(options.out);
    const auto is_product = [&](const TextInput& input) {
        const std::string path = normal_path(input.path);
        return !named.contains(path)
               && (path == out || path == out + ".ids.jsonl" || path.rfind(out + ".part", 0) == 0
                   || (path.rfind(out + ".run/", 0) == 0
                       && path != normal_path(spool_of(options.out))));
    };
    left_out.products += std::erase_if(inputs, is_product);
}

[[noreturn]] void refuse_fatal(const TextRecord& record, const TextInput& input) {
    throw RecordError(
        FormatError(
            ErrorCode::crashed,
            "this record has ended the process before, and is not tried again",
            {.file = input.path, .offset = static_cast<std::int64_t>(record.offset)}
        ),
        record.offset,
        record.bytes
    );
}

}  // namespace

std::vector<float> read_projection(
    const std::string& path,
    std::size_t dimension,
    std::uint64_t& cols
) {
    const MatrixReader reader{path};
    const auto& info = reader.info();
    if (info.rows != dimension || info.cols == 0) {
        throw ArgumentError(
            "expected a projection of " + std::to_string(dimension)
                + " rows, one for each element of the model's vectors, found "
                + std::to_string(info.rows) + " x " + std::to_string(info.cols),
            {.file = path}
        );
    }
    cols = info.cols;
    std::vector<float> matrix(info.rows * info.cols);
    reader.read_rows(0, MatrixView<float>{matrix.data(), info.rows, info.cols});
    return matrix;
}

std::string whole_matrix_of(const EmbedOptions& options) {
    return options.on_reject == OnReject::skip ? options.out + ".unfiltered" : options.out;
}

Opened Open::exec(const Context& context) const {
    const EmbedOptions& options = *parts->options;
    FileSystem& files = *parts->files;
    refuse_special_output(options.out, files);
    TextInputOptions wanted{
        .whole_files = options.whole_files,
        .include = options.include,
        .format = options.input_format,
        .log = context.log()};
    const bool reads_standard_input =
        std::find(options.inputs.begin(), options.inputs.end(), "-") != options.inputs.end();
    if (reads_standard_input) {
        parts->run.lock();
        wanted.spool = spool_of(options.out);
        files.remove(wanted.spool);
    }
    LeftOut left_out;
    std::vector<TextInput> inputs = list_text_inputs(options.inputs, wanted, files, &left_out);
    leave_out_products(inputs, options, left_out);
    for (const TextInput& input : inputs) {
        const FileStatus status{.device = input.device, .inode = input.inode};
        refuse_output_that_is(status, options.out, files);
    }
    refuse_output_that_is(options.model.substr(options.model.find(':') + 1), options.out, files);
    refuse_output_that_is(options.project, options.out, files);
    runs::RunRecord record;
    record.identity = identity_of(options, parts->format, inputs, files);
    record.facts = {
        {"version", std::string{version()}},
        {"ranks", std::to_string(context.n_ranks())},
        {"threads", std::to_string(context.n_threads())},
        {"simd", std::string{kernels::to_string(kernels::simd_level())}},
        {"command", options.command}};
    if (!reads_standard_input) {
        parts->run.lock();
    }
    const RunStart start =
        parts->run.begin(std::move(record), context.n_ranks(), whole_matrix_of(options) + ".part");
    if (start.is_complete && options.id_field && !files.status(options.out + ".ids.jsonl")) {
        throw IoError(
            ErrorCode::io,
            "the run is complete, but its ids are gone; --fresh makes them anew",
            {.file = options.out + ".ids.jsonl"}
        );
    }
    return {std::move(inputs), left_out, start};
}

Action Open::post(Store& shared, Opened opened, const Context& context) const {
    const EmbedOptions& options = *parts->options;
    parts->start = opened.start;
    parts->left_out = opened.left_out;
    shared.set("inputs", std::move(opened.inputs));
    parts->embedder = options.embedder;
    if (parts->embedder == nullptr) {
        parts->embedder = models::open_embedder(
            options.model, {.normalize = options.normalize != Normalize::none, .log = context.log()}
        );
    }
    parts->cols = parts->embedder->dimension();
    if (!options.project.empty()) {
        parts->projection =
            read_projection(options.project, parts->embedder->dimension(), parts->cols);
    }
    return parts->start.is_complete ? "complete" : "default";
}

void Complete::post(Store& shared) const {
    parts->files->remove(spool_of(parts->options->out));
    const std::uint64_t n_skipped =
        parts->options->on_reject == OnReject::skip ? parts->start.n_rejected : 0;
    shared.set("n_rows", parts->start.n_items - n_skipped);
}

std::vector<Counted> Count::prep(const Store& shared) const {
    const auto& inputs = shared.get<std::vector<TextInput>>("inputs");
    std::vector<Counted> counted;
    for (const TextPiece& piece : cut_texts(inputs)) {
        counted.push_back({inputs, piece});
    }
    return counted;
}

std::uint64_t Count::exec(const Counted& counted) const {
    return count_texts(counted.inputs, counted.piece);
}

void Count::post(
    Store& shared,
    const std::vector<Counted>& counted,
    BatchResult<std::uint64_t> counts,
    const Context& context
) const {
    std::vector<TextPiece> pieces;
    pieces.reserve(counted.size());
    for (const Counted& each : counted) {
        pieces.push_back(each.piece);
    }
    shared.set(
        "texts",
        TextSource{
            shared.get<std::vector<TextInput>>("inputs"),
            std::move(pieces),
            std::move(counts).take_values(),
            posix_files(),
            context.n_threads()}
    );
}

std::uint64_t Create::prep(const Store& shared) const {
    return shared.get<TextSource>("texts").size();
}

RunResumed Create::exec(std::uint64_t rows, const Context& context) const {
    if (parts->ids != nullptr) {
        parts->ids->also_remove(parts->run.most_ranks());
    }
    return parts->run.resume(
        *make_writer(rows), parts->options->on_reject != OnReject::error, context.log()
    );
}

Action Create::post(Store& /*shared*/, RunResumed resumed, const Context& context) const {
    if (context.rank() != 0) {
        make_writer(resumed.n_items)->open();
    }
    parts->resumed = std::move(resumed);
    parts->ledger->begin(
        parts->run.journal(context.rank()),
        parts->resumed.end_of(context.rank()),
        parts->resumed.done,
        parts->start.attempt,
        parts->run.crashes(context.rank())
    );
    return parts->resumed.suspects.empty() ? "default" : "suspects";
}

MatrixWriter* Create::make_writer(std::uint64_t rows) const {
    const EmbedOptions& options = *parts->options;
    parts->sink->set_writer(std::make_shared<MatrixWriter>(
        *parts->files, whole_matrix_of(options), parts->format, options.type, rows, parts->cols
    ));
    return parts->sink->writer().get();
}

std::string_view text_of(
    const TextRecord& record,
    const TextInput& input,
    const JsonField& field,
    bool wants_id,
    std::string& unescaped
) {
    try {
        if (record.is_too_long) {
            throw FormatError(
                ErrorCode::malformed,
                "expected a text of at most 16 MiB, found a longer one",
                {.file = input.path, .offset = static_cast<std::int64_t>(record.offset)}
            );
        }
        if (input.format == TextFormat::whole) {
            kaygraph::detail::require_texts(
                record.bytes, input.compression != Compression::none, input.path
            );
        }
        const std::size_t invalid = kernels::first_invalid_utf8(record.bytes);
        if (invalid != record.bytes.size()) {
            throw FormatError(
                ErrorCode::malformed,
                "expected UTF-8, found the byte "
                    + std::to_string(static_cast<unsigned char>(record.bytes[invalid])),
                {.file = input.path, .offset = static_cast<std::int64_t>(record.offset + invalid)}
            );
        }
        if (input.format != TextFormat::jsonl) {
            return record.bytes;
        }
        if (wants_id) {  // a record without one is rejected here, not when ids are written
            static_cast<void>(field.id(record.bytes, input.path, record.offset));
        }
        return field.text(record.bytes, unescaped, input.path, record.offset);
    } catch (const FormatError& error) {
        throw RecordError(error, record.offset, record.bytes);
    }
}

TextSource Isolate::prep(const Store& shared) const {
    const auto& source = shared.get<TextSource>("texts");
    parts->source = &source;
    return source;
}

RangeSet Isolate::exec(const TextSource& source, const Context& context) const {
    RangeSet done;
    const Embed node{{}, parts};
    Embed::State state = node.thread_state();
    std::vector<TextRecord> records;
    TextStorage storage;
    std::vector<float> row(parts->cols);
    for (const auto& [first, last] : parts->resumed.suspects.ranges()) {
        for (std::size_t item = first; item < last; ++item) {
            if (context.stop_requested()) {
                throw Stopped{};
            }
            source.read(item, 1, records, storage);
            parts->ledger->started_alone(item);
            const std::exception_ptr error = caught([&] {
                node.embed(records, {row.data(), 1, row.size()}, state, item);
            });
            if (error) {  // it ended no process, and is judged among the others
                continue;
            }
            const Block block{.index = item, .first = item, .count = 1};
            const BlockOutput output{
                .bytes = std::as_bytes(std::span{row}), .row_bytes = row.size() * sizeof(float)};
            parts->sink->write(block, output);
            parts->ledger->done(block, output);
            done.add(item, item + 1);
        }
    }
    return done;
}

void Embed::exec_batch(
    std::span<const TextRecord> records,
    MatrixView<float> rows,
    State& state,
    const Context& context
) const {
    embed(records, rows, state, context.item().value_or(0));
}

void Embed::embed(
    std::span<const TextRecord> records,
    MatrixView<float> rows,
    State& state,
    std::size_t first
) const {
    const TextSource& source = *parts->source;
    state.unescaped.resize(std::max(state.unescaped.size(), records.size()));
    state.texts.clear();
    for (std::size_t i = 0; i < records.size(); ++i) {
        const TextInput& input = source.input(records[i].input);
        if (parts->resumed.fatal.contains(first + i)) {
            refuse_fatal(records[i], input);
        }
        state.texts.push_back(
            text_of(records[i], input, parts->field, parts->ids != nullptr, state.unescaped[i])
        );
    }
    const std::size_t dimension = parts->embedder->dimension();
    MatrixView<float> embedded = rows;
    if (!parts->projection.empty()) {
        state.rows.resize(std::max(state.rows.size(), records.size() * dimension));
        embedded = {state.rows.data(), records.size(), dimension};
    }
    try {
        parts->embedder->embed(state.texts, embedded, *state.scratch);
    } catch (const FormatError&) {  // a text that the model's tokenizer refuses
        refuse_one_of(records, embedded, state);
        throw;
    }
    if (!parts->projection.empty()) {
        kernels::project_rows(embedded, {parts->projection.data(), dimension, parts->cols}, rows);
    }
    if (parts->options->normalize == Normalize::l2) {
        kernels::normalize_rows(rows);
    }
    const std::lock_guard lock{parts->mutex};
    parts->counts.add(std::exchange(state.scratch->counts, {}));
}

/// Throws for the first text that the model refuses, with its place.
void Embed::refuse_one_of(std::span<const TextRecord> records, MatrixView<float> rows, State& state)
    const {
    for (std::size_t i = 0; i < records.size(); ++i) {
        try {
            parts->embedder->embed(
                std::span{state.texts}.subspan(i, 1), rows.row_block(i, 1), *state.scratch
            );
        } catch (const FormatError& error) {
            state.scratch->counts = {};
            const ErrorContext where{
                .file = parts->source->input(records[i].input).path,
                .offset = static_cast<std::int64_t>(records[i].offset)};
            throw RecordError(
                FormatError(error.code(), error.what(), where), records[i].offset, records[i].bytes
            );
        }
    }
}

TextSource Embed::prep(const Store& shared) const {
    const auto& source = shared.get<TextSource>("texts");
    parts->source = &source;
    return source;
}

void Embed::post(Store& shared, BatchRows<float> rows) const {
    RangeSet rejected = rows.end().failed;
    rejected.add(parts->resumed.rejected);
    parts->n_resumed = rows.n_resumed();
    parts->ledger->end(runs::FrameKind::closed);
    if (parts->options->on_reject != OnReject::error) {
        const ErrorBudget& budget = parts->options->max_errors;
        const auto most = static_cast<double>(rows.n_items()) * budget.share.value_or(1);
        if (rejected.size() > budget.count.value_or(rejected.size())
            || static_cast<double>(rejected.size()) > most) {
            throw NodeError(
                ErrorCode::error_budget,
                std::to_string(rejected.size()) + " of " + std::to_string(rows.n_items())
                    + " records were rejected, in this run and before: more than max_errors allows"
            );
        }
    }
    shared.set("rejected", std::move(rejected));
}

TextSource Ids::prep(const Store& shared) const {
    parts->rejected = &shared.get<RangeSet>("rejected");
    return shared.get<TextSource>("texts");
}

std::string Ids::exec(const TextRecord& record, const Context& context) const {
    if (parts->rejected->contains(context.item().value_or(0))) {
        return parts->options->on_reject == OnReject::skip ? "" : "null\n";
    }
    const TextInput& input = parts->source->input(record.input);
    if (input.format != TextFormat::jsonl) {
        return "null\n";
    }
    return parts->field.id(record.bytes, input.path, record.offset) + "\n";
}

std::uint64_t Finish::exec(const RangeSet& rejected) const {
    const EmbedOptions& options = *parts->options;
    MatrixWriter& writer = *parts->sink->writer();
    // the journals are read again only where they tell of rejects
    const auto why =
        rejected.empty() ? std::map<std::uint64_t, std::string>{} : parts->run.rejects();
    write_rejects(*parts->files, parts->run.path(), why);
    parts->run.publish(rejected.size());
    if (parts->ids != nullptr) {
        parts->ids->publish();
    }
    std::uint64_t n_rows = writer.rows();
    if (options.on_reject == OnReject::skip) {
        n_rows = write_kept_rows(*parts->files, writer, options.out, rejected);
        writer.discard();
    } else {
        writer.publish();
    }
    parts->run.complete();
    parts->files->remove(spool_of(options.out));
    return n_rows;
}

std::uint64_t write_kept_rows(
    FileSystem& files,
    const MatrixWriter& whole,
    const std::string& out,
    const RangeSet& rejected
) {
    RangeSet all;
    all.add(0, whole.rows());
    const RangeSet kept = whole.rows() == 0 ? RangeSet{} : all.without(rejected);
    const MatrixReader reader{whole.part_path(), whole.format()};
    MatrixWriter rows{files, out, whole.format(), whole.type(), kept.size(), whole.cols()};
    MatrixWriter numbers{
        files,
        out + ".rows.npy",
        MatrixFormat::npy,
        ElementType::i64,
        kept.size(),
        1,
        NpyShape::vector};
    rows.create();
    numbers.create();
    constexpr std::size_t most = 4096;
    std::vector<std::byte> bytes(most * whole.cols() * size_of(whole.type()));
    std::vector<std::int64_t> texts(most);
    std::size_t written = 0;
    for (const auto& [begin, end] : kept.ranges()) {
        for (std::size_t first = begin; first < end;) {
            const std::size_t count = std::min(most, end - first);
            const std::span<std::byte> part =
                std::span{bytes}.first(count * whole.cols() * size_of(whole.type()));
            reader.read_elements(first, count, part);
            rows.write_rows(written, part);
            std::iota(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(count), first);
            numbers.write_rows(written, std::as_bytes(std::span{texts}.first(count)));
            first += count;
            written += count;
        }
    }
    rows.sync_and_close();
    numbers.sync_and_close();
    numbers.publish();  // first: rows without their numbers are of no use
    rows.publish();
    return kept.size();
}

}  // namespace kaygraph::jobs::detail
