#pragma once

#if __cplusplus < 202002L
#    error "kaygraph needs C++20: compile with -std=c++20"
#endif

/// @file
/// Everything a job needs: the node classes, graphs, stores, reports. MPI, Asio and Eigen are not in
/// here; they have headers of their own.

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/log.hpp>
#include <kaygraph/base/matrix_view.hpp>
#include <kaygraph/base/outcome.hpp>
#include <kaygraph/graph/action.hpp>
#include <kaygraph/graph/batch_result.hpp>
#include <kaygraph/graph/benchmark.hpp>
#include <kaygraph/graph/context.hpp>
#include <kaygraph/graph/fork.hpp>
#include <kaygraph/graph/graph.hpp>
#include <kaygraph/graph/item_source.hpp>
#include <kaygraph/graph/node.hpp>
#include <kaygraph/graph/node_handle.hpp>
#include <kaygraph/graph/options.hpp>
#include <kaygraph/graph/run_options.hpp>
#include <kaygraph/graph/settings.hpp>
#include <kaygraph/graph/store.hpp>
#include <kaygraph/metrics/run_report.hpp>
#include <kaygraph/parallel/cores.hpp>
#include <kaygraph/parallel/sink.hpp>
#include <kaygraph/parallel/stop.hpp>
#include <kaygraph/version.hpp>
