#include "network_drawing.hpp"

#include "html.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr double width = 700, margin_left = 170, margin_right = 40;
constexpr double head_height = 44, row_height = 38;
constexpr double least_share = 0.005;  ///< Of a stage's output: thinner flows are not drawn.

std::string label(const std::string& name, std::size_t most)
{
    return html_text(name.size() <= most ? name : name.substr(0, most - 1))
           + (name.size() <= most ? "" : "…");
}

class Drawing {
public:
    Drawing(const CommodityDescription& commodity,
            const std::vector<DrawnChokepoint>& chokepoints)
        : commodity_(commodity), chokepoints_(chokepoints)
    {
        for (const StageDescription& stage : commodity.stages) {
            for (const RegionStage& of : stage.regions) {
                if (of.share >= least_share) {
                    rows_.insert(of.region);
                }
            }
        }
        for (const RegionDemand& of : commodity.demand) {
            if (of.share >= least_share) {
                rows_.insert(of.region);
            }
        }
        for (const DrawnChokepoint& of : chokepoints) {
            most_binding_ = std::max(most_binding_, of.binds);
        }
    }

    std::string svg()
    {
        const double height = head_height + row_height * static_cast<double>(rows_.size()) + 8;
        std::string lines, circles, marks;
        for (std::size_t column = 0; column < commodity_.stages.size(); ++column) {
            draw_flows(column, lines, marks);
            draw_stage(column, circles, marks);
        }
        for (const RegionDemand& of : commodity_.demand) {
            circles += circle(
                commodity_.stages.size(), of.region, of.share, nullptr,
                fmt::format("{} uses {} t a year", of.region, number_cell(of.t_per_year)));
        }
        return fmt::format(
            "<svg class=\"network\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n"
            "{}{}{}{}</svg>\n",
            width, height,
            html_text(fmt::format("The chain of {} at the start, stage by stage and region by "
                                  "region, with its chokepoints",
                                  commodity_.name)),
            headings(), lines, circles, marks);
    }

private:
    const CommodityDescription& commodity_;
    const std::vector<DrawnChokepoint>& chokepoints_;
    std::set<std::string> rows_;  ///< Regions, from top to bottom.
    double most_binding_ = 0;

    double x_of(std::size_t column) const
    {
        const double step = (width - margin_left - margin_right)
                            / static_cast<double>(commodity_.stages.size());
        return margin_left + step * static_cast<double>(column);
    }
    double y_of(const std::string& region) const
    {
        const auto row = std::distance(rows_.begin(), rows_.find(region));
        return head_height + row_height * (static_cast<double>(row) + 0.5);
    }

    std::string headings() const
    {
        std::string text;
        for (std::size_t column = 0; column <= commodity_.stages.size(); ++column) {
            text += fmt::format(
                "<text class=\"head\" x=\"{:.0f}\" y=\"18\" text-anchor=\"middle\">{}</text>\n",
                x_of(column),
                column < commodity_.stages.size() ? label(commodity_.stages[column].stage, 16)
                                                  : "use");
        }
        for (const std::string& region : rows_) {
            text += fmt::format("<text x=\"4\" y=\"{:.0f}\">{}</text>\n", y_of(region) + 5,
                                label(region, 18));
        }
        return text;
    }

    const DrawnChokepoint* chokepoint_at(const std::string& layer, const std::string& kind,
                                         const std::string& from, const std::string& to) const
    {
        const auto found = std::ranges::find_if(chokepoints_, [&](const DrawnChokepoint& of) {
            return of.layer == layer && of.kind == kind && of.from == from && of.to == to
                   && of.binds > 0;
        });
        return found == chokepoints_.end() ? nullptr : &*found;
    }

    /// 0.3 for what hardly ever binds, 1 for what binds most.
    double strength(const DrawnChokepoint& of) const
    {
        return 0.3 + 0.7 * std::sqrt(of.binds / most_binding_);
    }

    static std::string what_binds(const DrawnChokepoint& of)
    {
        return fmt::format("; binds in {} of months; one more tonne of room is worth {} USD",
                           share_cell(of.binds), number_cell(of.usd_per_t));
    }

    static std::string mark(double x, double y, const DrawnChokepoint* of)
    {
        return of == nullptr || of->number == 0
                   ? ""
                   : fmt::format(
                       "<circle class=\"mark\" cx=\"{0:.1f}\" cy=\"{1:.1f}\" r=\"8\"/>"
                       "<text class=\"mark\" x=\"{0:.1f}\" y=\"{2:.1f}\" "
                       "text-anchor=\"middle\">{3}</text>\n",
                       x, y, y + 4, of->number);
    }

    void draw_flows(std::size_t column, std::string& lines, std::string& marks) const
    {
        const StageDescription& stage = commodity_.stages[column];
        double total = 0;
        std::map<std::string, double> home;
        for (const RegionStage& of : stage.regions) {
            total += of.output_t_per_year;
            home[of.region] = of.output_t_per_year;
        }
        for (const TradeFlow& flow : stage.trade) {
            home[flow.exporter] -= flow.t_per_year;
        }
        for (const auto& [region, tonnes] : home) {
            lines += line(column, region, region, tonnes, total, nullptr);
        }
        for (const TradeFlow& flow : stage.trade) {
            const DrawnChokepoint* const own =
                chokepoint_at(stage.stage, "trade", flow.exporter, flow.importer);
            const DrawnChokepoint* const of =
                own != nullptr ? own
                               : chokepoint_at(stage.stage, "exports", flow.exporter, "all");
            lines += line(column, flow.exporter, flow.importer, flow.t_per_year, total, of);
            if (rows_.contains(flow.importer) && rows_.contains(flow.exporter)) {
                constexpr double at = 0.7, bend = at * at * (3 - 2 * at);  // along the line
                marks += mark(
                    x_of(column) + at * (x_of(column + 1) - x_of(column)),
                    y_of(flow.exporter) + bend * (y_of(flow.importer) - y_of(flow.exporter)),
                    own);
            }
        }
    }

    std::string line(std::size_t column, const std::string& from, const std::string& to,
                     double tonnes, double total, const DrawnChokepoint* of) const
    {
        if (!(total > 0) || !rows_.contains(from) || !rows_.contains(to)
            || (tonnes / total < least_share && of == nullptr) || !(tonnes > 0)) {
            return "";
        }
        const double x0 = x_of(column), x1 = x_of(column + 1), middle = (x0 + x1) / 2;
        const std::string told =
            fmt::format("{} of {}, {} to {}: {} t a year{}", commodity_.stages[column].stage,
                        commodity_.name, from, to, number_cell(tonnes),
                        of == nullptr ? "" : what_binds(*of));
        return fmt::format(
            "<path class=\"{}\" d=\"M{:.0f} {:.0f}C{:.0f} {:.0f} {:.0f} {:.0f} {:.0f} {:.0f}\" "
            "stroke-width=\"{:.1f}\"{}><title>{}</title></path>\n",
            of == nullptr ? "flow" : "bound", x0, y_of(from), middle, y_of(from), middle,
            y_of(to), x1, y_of(to), 1 + 12 * tonnes / total,
            of == nullptr ? "" : fmt::format(" opacity=\"{:.2f}\"", strength(*of)),
            html_text(told));
    }

    void draw_stage(std::size_t column, std::string& circles, std::string& marks) const
    {
        const StageDescription& stage = commodity_.stages[column];
        for (const RegionStage& of : stage.regions) {
            const DrawnChokepoint* const bound =
                chokepoint_at(stage.stage, "plant", of.region, of.region);
            circles +=
                circle(column, of.region, of.share, bound,
                       fmt::format("{} in {}: {} t a year, {} of all{}", stage.stage, of.region,
                                   number_cell(of.output_t_per_year), share_cell(of.share),
                                   bound == nullptr ? "" : what_binds(*bound)));
            if (rows_.contains(of.region)) {
                marks += mark(x_of(column), y_of(of.region) - 12, bound);
                marks += mark(x_of(column) + 28, y_of(of.region) - 12,
                              chokepoint_at(stage.stage, "exports", of.region, "all"));
            }
        }
    }

    std::string circle(std::size_t column, const std::string& region, double share,
                       const DrawnChokepoint* of, const std::string& told) const
    {
        if (!rows_.contains(region) || (share < least_share && of == nullptr)) {
            return "";
        }
        return fmt::format(
            "<circle class=\"{}\" cx=\"{:.0f}\" cy=\"{:.0f}\" r=\"{:.1f}\"><title>{}"
            "</title></circle>\n",
            of == nullptr ? "place" : "place bound-place", x_of(column), y_of(region),
            3 + 12 * std::sqrt(share), html_text(told));
    }
};

}  // namespace

std::string network_drawing(const CommodityDescription& commodity,
                            const std::vector<DrawnChokepoint>& chokepoints)
{
    return Drawing(commodity, chokepoints).svg();
}

}  // namespace chokepoint
