#pragma once

#include "chokepoint/events/timeline.hpp"
#include "chokepoint/metrics/binding_spell.hpp"
#include "chokepoint/metrics/price_account.hpp"

#include <string>
#include <vector>

namespace chokepoint {

/// When which arc bound, with its price gap at reference prices and its mean flow, e.g.
/// `2010-09 to 2011-03: refine exports of china (neodymium): price gap up to 41.0 USD/kg; 120 t
/// a month pass, 650 undisturbed`.
std::string spell_sentence(const Model& model, const Parameters& parameters,
                           const BindingSpell& spell);

/// An account in words, one sentence for each of: the price; what it is made of; what its users
/// use, buy and keep; output; outages; measures and price shocks in force. Where there is
/// nothing to say, no sentence. Money is USD/kg at the commodity's reference price.
struct AccountText {
    std::string price, way, users, output, outages, causes;

    /// Those that are not empty, in this order.
    std::vector<std::string> sentences() const;
};

AccountText account_text(const Model& model, const Parameters& parameters,
                         const Timeline& timeline, const PriceAccount& account);

}  // namespace chokepoint
