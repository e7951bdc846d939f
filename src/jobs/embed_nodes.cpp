#include "jobs/embed_nodes.hpp"

#include "files/known_content.hpp"
#include "jobs/kept_rows.hpp"
#include "jobs/watched_content.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/kernels/project.hpp>
#include <kaygraph/kernels/rows.hpp>
#include <kaygraph/kernels/scan.hpp>
#include <kaygraph/kernels/simd_level.hpp>
#include <kaygraph/version.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace kaygraph::jobs::detail {
namespace {

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

/// What the job puts onto the disk at its end: the whole matrix and what is made of it, rows of text at two bytes an element.
std::uint64_t room_for(const EmbedParts& parts, const MatrixWriter& whole) {
    if (!is_made_of_whole(*parts.options)) {
        return whole.file_bytes();
    }
    const std::uint64_t copy =
        parts.format == MatrixFormat::text ? 2 * whole.rows() * whole.cols() : whole.file_bytes();
    return whole.file_bytes() + copy;
}

std::uint64_t n_rows_of(const EmbedOptions& options, const RunStart& complete) {
    return complete.n_items - (options.on_reject == OnReject::skip ? complete.n_rejected : 0);
}

}  // namespace

std::vector<std::string_view> products_of(const EmbedOptions& options) {
    std::vector<std::string_view> products{runs::product::matrix};
    if (options.id_field) {
        products.push_back(runs::product::ids);
    }
    if (options.on_reject == OnReject::skip) {
        products.push_back(runs::product::rows);
    }
    return products;
}

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

void open_model(EmbedParts& parts, const Log& log) {
    const EmbedOptions& options = *parts.options;
    parts.embedder = options.embedder;
    if (parts.embedder == nullptr) {
        parts.embedder = models::open_embedder(
            options.model, {.normalize = options.normalize != Normalize::none, .log = log}
        );
    }
    parts.cols = parts.embedder->dimension();
    if (!options.project.empty()) {
        parts.projection =
            read_projection(options.project, parts.embedder->dimension(), parts.cols);
    }
}

std::string whole_matrix_of(const EmbedOptions& options) {
    return is_made_of_whole(options) ? options.out + ".unfiltered" : options.out;
}

Opened Open::exec(const Context& context) const {
    const EmbedOptions& options = *parts->options;
    FileSystem& files = *parts->files;
    TextInputOptions wanted{
        .whole_files = options.whole_files,
        .include = options.include,
        .format = options.input_format,
        .while_reading = [&] { context.throw_if_stopped(); },
        .is_product = product_judge(options, parts->run)};
    std::vector<std::string> named = options.inputs;  // but for standard input
    named.erase(std::remove(named.begin(), named.end(), "-"), named.end());
    const bool reads_standard_input = named.size() != options.inputs.size();
    if (!reads_standard_input) {  // else it is told at the second look
        wanted.log = context.log();
    }
    std::vector<TextInput> inputs;
    LeftOut left_out;
    if (!named.empty()) {
        inputs = list_text_inputs(named, wanted, files, &left_out);
    }
    std::vector<runs::RunFile> read = files_of(options, inputs, files);
    if (!reads_standard_input) {
        require_effect(options, inputs);
    }
    guard_paths(options, inputs, read, context.n_ranks(), files);
    parts->is_guarded = true;
    parts->run.lock();
    if (reads_standard_input) {  // what it gives has a place now
        wanted.log = context.log();
        wanted.spool = spool_of(options.out);
        parts->has_spooled = true;
        files.remove(wanted.spool);
        inputs = list_text_inputs(options.inputs, wanted, files, &left_out);
        read = files_of(options, inputs, files);
        require_effect(options, inputs);
    }
    runs::RunRecord record;
    record.identity = identity_of(options, parts->format);
    record.files = std::move(read);
    record.facts = {
        {"version", std::string{version()}},
        {"ranks", std::to_string(context.n_ranks())},
        {"threads", std::to_string(parts->n_threads)},
        {"simd", std::string{kernels::to_string(kernels::simd_level())}},
        {"command", options.command}};
    const RunStart start = parts->run.look(std::move(record), context.n_ranks(), context.log());
    return {std::move(inputs), left_out, start};
}

Action Open::post(Store& shared, Opened opened, const Context& context) const {
    parts->start = std::move(opened.start);
    parts->left_out = opened.left_out;
    parts->n_inputs = opened.inputs.size();
    shared.set("inputs", std::move(opened.inputs));
    open_model(*parts, context.log());
    return parts->start.is_complete ? "complete" : "default";
}

void Complete::post(Store& shared) const {
    if (parts->has_spooled) {
        parts->files->remove(spool_of(parts->options->out));
    }
    require_budget(*parts->options, parts->start.n_rejected, parts->start.n_items);
    shared.set("n_rows", n_rows_of(*parts->options, parts->start));
}

std::vector<Counted> Count::prep(const Store& shared) const {
    std::vector<Counted> counted;
    if (start != nullptr
        && !start->needs_texts(shared.get<std::vector<TextInput>>("inputs").size())) {
        return counted;
    }
    const auto& inputs = shared.get<std::vector<TextInput>>("inputs");
    for (const TextPiece& piece : cut_texts(inputs)) {
        counted.push_back({inputs, piece});
    }
    return counted;
}

PieceCount Count::exec(const Counted& counted) const {
    if (hashes == nullptr) {
        return {.n_texts = count_texts(counted.inputs, counted.piece)};
    }
    WatchedContent files{posix_files(), counted.piece.offset, counted.piece.bytes};
    PieceCount count{.n_texts = count_texts(counted.inputs, counted.piece, files)};
    count.hash = files.take();
    return count;
}

void Count::post(
    Store& shared,
    const std::vector<Counted>& counted,
    BatchResult<PieceCount> counts,
    const Context& context
) const {
    const auto& inputs = shared.get<std::vector<TextInput>>("inputs");
    if (start != nullptr && !start->needs_texts(inputs.size())) {
        return;
    }
    std::vector<TextPiece> pieces;
    std::vector<std::uint64_t> n_texts;
    std::vector<std::vector<Hash128>> of_inputs(inputs.size());
    for (std::size_t i = 0; i < counted.size(); ++i) {
        pieces.push_back(counted[i].piece);
        n_texts.push_back(counts.values()[i].n_texts);
        of_inputs[counted[i].piece.input].push_back(counts.values()[i].hash);
    }
    if (hashes != nullptr && context.rank() == 0) {
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            (*hashes)[i] = content_hash(of_inputs[i]);
        }
    }
    shared.set(
        "texts",
        TextSource{
            inputs, std::move(pieces), std::move(n_texts), posix_files(), context.n_threads()}
    );
}

std::uint64_t Create::prep(const Store& shared) const {
    return shared.contains("texts") ? shared.get<TextSource>("texts").size() : parts->start.n_items;
}

RunResumed Create::exec(std::uint64_t rows, const Context& context) const {
    MatrixWriter& whole = *make_writer(rows);
    const bool is_complete =
        parts->run.begin(parts->hashes, rows, room_for(*parts, whole), context.log());
    parts->has_begun = true;
    if (is_complete) {
        RunResumed complete{.is_complete = true, .n_items = rows};
        if (parts->start.lost_ids) {
            for (const auto& [item, why] : parts->run.rejects()) {
                complete.rejected.add(item, item + 1);
            }
        }
        return complete;
    }
    if (parts->ids != nullptr) {
        parts->ids->also_remove(parts->run.record().most_ranks);
    }
    return parts->run.resume(whole, parts->options->on_reject != OnReject::error, context.log());
}

Action Create::post(Store& shared, RunResumed resumed, const Context& context) const {
    parts->resumed = std::move(resumed);
    if (parts->resumed.is_complete) {
        require_budget(*parts->options, parts->start.n_rejected, parts->start.n_items);
        shared.set("rejected", parts->resumed.rejected);
        return parts->start.lost_ids ? "ids" : "complete";
    }
    if (context.rank() != 0) {
        make_writer(parts->resumed.n_items)->open();
    }
    parts->ledger->begin(
        parts->run.journal(context.rank()),
        parts->resumed.end_of(context.rank()),
        parts->resumed.done,
        parts->resumed.attempt,
        parts->run.crashes(context.rank())
    );
    return parts->resumed.suspects.empty() ? "default" : "suspects";
}

MatrixWriter* Create::make_writer(std::uint64_t rows) const {
    const EmbedOptions& options = *parts->options;
    // rows of text have no places of their own: they are made of a matrix that has
    const MatrixFormat format =
        parts->format == MatrixFormat::text ? MatrixFormat::npy : parts->format;
    parts->sink->set_writer(std::make_shared<MatrixWriter>(
        *parts->files, whole_matrix_of(options), format, options.type, rows, parts->cols
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
    kernels::unify_nans(rows);
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

Action Embed::post(Store& shared, BatchRows<float> rows) const {
    RangeSet rejected = rows.end().failed;
    rejected.add(parts->resumed.rejected);
    parts->n_resumed = rows.n_resumed();
    parts->ledger->end(runs::FrameKind::closed);
    require_budget(*parts->options, rejected.size(), rows.n_items());
    shared.set("rejected", std::move(rejected));
    return parts->ids == nullptr || parts->resumed.has_ids ? "finish" : "default";
}

TextSource Ids::prep(const Store& shared) const {
    parts->source = &shared.get<TextSource>("texts");
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

std::uint64_t Finish::exec(const RangeSet& rejected, const Context& context) const {
    const EmbedOptions& options = *parts->options;
    if (parts->resumed.is_complete) {  // but for its ids
        parts->ids->publish();
        parts->run.made_again(parts->ids->product());
        return n_rows_of(options, parts->start);
    }
    FileSystem& files = *parts->files;
    MatrixWriter& whole = *parts->sink->writer();
    std::vector<runs::RunProduct> products;
    // the journals are read again only where they tell of rejects
    const auto why =
        rejected.empty() ? std::map<std::uint64_t, std::string>{} : parts->run.rejects();
    write_rejects(files, parts->run.path(), why);
    if (!why.empty()) {
        products.push_back(finished_product(
            files, runs::product::rejects, options.out + std::string{runs::product::rejects}
        ));
    }
    if (parts->ids != nullptr) {
        products.push_back(
            parts->resumed.has_ids ? *parts->run.record().product(runs::product::ids)
                                   : parts->ids->product()
        );
    }
    std::vector<std::unique_ptr<MatrixWriter>> made;
    const auto between = [&] {  // until files get their names it can stop
        context.throw_if_stopped();
    };
    if (options.on_reject == OnReject::skip) {
        made.push_back(make_row_numbers(files, options.out, whole.rows(), rejected));
        products.push_back(finished_product(files, runs::product::rows, made.back()->part_path()));
    }
    if (is_made_of_whole(options)) {
        const bool leaves_out = options.on_reject == OnReject::skip;
        made.push_back(make_kept_rows(
            files, whole, options.out, parts->format, leaves_out ? rejected : RangeSet{}, between
        ));
        products.push_back(
            finished_product(files, runs::product::matrix, made.back()->part_path(), between)
        );
    } else {
        runs::RunProduct matrix;
        matrix.stamp.bytes = whole.file_bytes();
        products.push_back(std::move(matrix));
    }
    parts->run.publish(rejected.size(), std::move(products));
    if (parts->ids != nullptr && !parts->resumed.has_ids) {
        parts->ids->publish();
    }
    for (const std::unique_ptr<MatrixWriter>& file : made) {  // OUT last: then all is there
        file->publish();
    }
    if (made.empty()) {
        whole.publish();
    } else if (is_made_of_whole(options)) {
        whole.discard();
    }
    parts->run.complete();
    files.remove(spool_of(options.out));
    return whole.rows() - (options.on_reject == OnReject::skip ? rejected.size() : 0);
}

}  // namespace kaygraph::jobs::detail
