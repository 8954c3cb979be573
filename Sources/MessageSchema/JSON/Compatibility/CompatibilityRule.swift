/// Why a new JSON Schema may refuse what an old one allowed, in the words of Confluent's Schema Registry. Its differences that are always
/// compatible (a longer `maxLength`, an optional property added to a closed object) are not here.
enum CompatibilityRule: String, Sendable {
    case schemaAdded = "SCHEMA_ADDED"
    case typeChanged = "TYPE_CHANGED"
    case typeNarrowed = "TYPE_NARROWED"

    case maxLengthAdded = "MAX_LENGTH_ADDED"
    case maxLengthDecreased = "MAX_LENGTH_DECREASED"
    case minLengthAdded = "MIN_LENGTH_ADDED"
    case minLengthIncreased = "MIN_LENGTH_INCREASED"
    case patternAdded = "PATTERN_ADDED"
    case patternChanged = "PATTERN_CHANGED"

    case maximumAdded = "MAXIMUM_ADDED"
    case maximumDecreased = "MAXIMUM_DECREASED"
    case minimumAdded = "MINIMUM_ADDED"
    case minimumIncreased = "MINIMUM_INCREASED"
    case exclusiveMaximumAdded = "EXCLUSIVE_MAXIMUM_ADDED"
    case exclusiveMaximumDecreased = "EXCLUSIVE_MAXIMUM_DECREASED"
    case exclusiveMinimumAdded = "EXCLUSIVE_MINIMUM_ADDED"
    case exclusiveMinimumIncreased = "EXCLUSIVE_MINIMUM_INCREASED"
    case multipleOfAdded = "MULTIPLE_OF_ADDED"
    case multipleOfExpanded = "MULTIPLE_OF_EXPANDED"
    case multipleOfChanged = "MULTIPLE_OF_CHANGED"

    case requiredAttributeAdded = "REQUIRED_ATTRIBUTE_ADDED"
    case maxPropertiesAdded = "MAX_PROPERTIES_ADDED"
    case maxPropertiesDecreased = "MAX_PROPERTIES_DECREASED"
    case minPropertiesAdded = "MIN_PROPERTIES_ADDED"
    case minPropertiesIncreased = "MIN_PROPERTIES_INCREASED"
    case additionalPropertiesRemoved = "ADDITIONAL_PROPERTIES_REMOVED"
    case additionalPropertiesNarrowed = "ADDITIONAL_PROPERTIES_NARROWED"
    case unevaluatedPropertiesRemoved = "UNEVALUATED_PROPERTIES_REMOVED"
    case unevaluatedPropertiesNarrowed = "UNEVALUATED_PROPERTIES_NARROWED"
    case dependencyArrayAdded = "DEPENDENCY_ARRAY_ADDED"
    case dependencyArrayExtended = "DEPENDENCY_ARRAY_EXTENDED"
    case dependencyArrayChanged = "DEPENDENCY_ARRAY_CHANGED"
    case dependencySchemaAdded = "DEPENDENCY_SCHEMA_ADDED"
    case requiredPropertyAddedToOpenContentModel = "REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"
    case requiredPropertyWithDefaultAddedToOpenContentModel = "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL"
    case optionalPropertyAddedToOpenContentModel = "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"
    case requiredPropertyAddedToUnopenContentModel = "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL"
    case propertyRemovedFromClosedContentModel = "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL"
    case propertyRemovedNotCovered = "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
    case propertyAddedNotCovered = "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"

    case maxItemsAdded = "MAX_ITEMS_ADDED"
    case maxItemsDecreased = "MAX_ITEMS_DECREASED"
    case minItemsAdded = "MIN_ITEMS_ADDED"
    case minItemsIncreased = "MIN_ITEMS_INCREASED"
    case maxContainsAdded = "MAX_CONTAINS_ADDED"
    case maxContainsDecreased = "MAX_CONTAINS_DECREASED"
    case minContainsAdded = "MIN_CONTAINS_ADDED"
    case minContainsIncreased = "MIN_CONTAINS_INCREASED"
    case uniqueItemsAdded = "UNIQUE_ITEMS_ADDED"
    case additionalItemsRemoved = "ADDITIONAL_ITEMS_REMOVED"
    case additionalItemsNarrowed = "ADDITIONAL_ITEMS_NARROWED"
    case unevaluatedItemsRemoved = "UNEVALUATED_ITEMS_REMOVED"
    case unevaluatedItemsNarrowed = "UNEVALUATED_ITEMS_NARROWED"
    case itemAddedToOpenContentModel = "ITEM_ADDED_TO_OPEN_CONTENT_MODEL"
    case itemRemovedFromClosedContentModel = "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL"
    case itemRemovedNotCovered = "ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
    case itemAddedNotCovered = "ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"

    case enumArrayNarrowed = "ENUM_ARRAY_NARROWED"
    case enumArrayChanged = "ENUM_ARRAY_CHANGED"

    case combinedTypeChanged = "COMBINED_TYPE_CHANGED"
    case productTypeExtended = "PRODUCT_TYPE_EXTENDED"
    case sumTypeNarrowed = "SUM_TYPE_NARROWED"
    case combinedTypeSubschemasChanged = "COMBINED_TYPE_SUBSCHEMAS_CHANGED"
    case notTypeExtended = "NOT_TYPE_EXTENDED"

    // Ours: Confluent's registry knows no code lists, and waits as long as it takes.
    case codeListAdded = "CODE_LIST_ADDED"
    case codeListNarrowed = "CODE_LIST_NARROWED"
    case comparisonTooLarge = "COMPARISON_TOO_LARGE"

    var sentence: String {
        switch self {
        case .schemaAdded: "the reader's schema asks for something here, the writer's for nothing"
        case .typeChanged: "the two schemas ask for different types"
        case .typeNarrowed: "the reader takes integers only, the writer wrote any number"
        case .maxLengthAdded, .minLengthAdded, .patternAdded, .maximumAdded, .minimumAdded, .exclusiveMaximumAdded, .exclusiveMinimumAdded,
            .multipleOfAdded, .maxPropertiesAdded, .minPropertiesAdded, .maxItemsAdded, .minItemsAdded, .maxContainsAdded, .minContainsAdded,
            .uniqueItemsAdded, .dependencyArrayAdded, .dependencySchemaAdded, .codeListAdded:
            "the reader's schema sets this, the writer's does not"
        case .maxLengthDecreased, .maximumDecreased, .exclusiveMaximumDecreased, .maxPropertiesDecreased, .maxItemsDecreased,
            .maxContainsDecreased:
            "the reader allows less than the writer"
        case .minLengthIncreased, .minimumIncreased, .exclusiveMinimumIncreased, .minPropertiesIncreased, .minItemsIncreased,
            .minContainsIncreased:
            "the reader asks for more than the writer"
        case .patternChanged: "the two patterns differ, and nobody can tell whether one includes the other"
        case .multipleOfExpanded: "the reader's multiples are fewer than the writer's"
        case .multipleOfChanged, .dependencyArrayChanged: "the two schemas ask for different things"
        case .requiredAttributeAdded: "the reader requires a property that the writer could leave out, without a default"
        case .additionalPropertiesRemoved, .unevaluatedPropertiesRemoved:
            "the reader forbids properties that are not named, which the writer allowed"
        case .additionalPropertiesNarrowed, .unevaluatedPropertiesNarrowed:
            "the reader has a schema for properties that are not named, the writer allowed any"
        case .dependencyArrayExtended: "the reader asks for more properties beside this one"
        case .requiredPropertyAddedToOpenContentModel, .requiredPropertyWithDefaultAddedToOpenContentModel,
            .optionalPropertyAddedToOpenContentModel:
            "the writer allowed any property, so it may have written this one with another type; close the schema with additionalProperties"
        case .requiredPropertyAddedToUnopenContentModel: "the reader requires a property that the writer did not know, without a default"
        case .propertyRemovedFromClosedContentModel: "the reader forbids a property that the writer knew"
        case .propertyRemovedNotCovered: "the reader's patterns or schema for other properties do not take what the writer wrote here"
        case .propertyAddedNotCovered: "the writer's patterns or schema for other properties allowed something else here"
        case .additionalItemsRemoved, .unevaluatedItemsRemoved: "the reader forbids further elements, which the writer allowed"
        case .additionalItemsNarrowed, .unevaluatedItemsNarrowed: "the reader has a schema for further elements, the writer allowed any"
        case .itemAddedToOpenContentModel: "the writer allowed any further element, so it may have written another type here"
        case .itemRemovedFromClosedContentModel: "the reader forbids an element that the writer knew"
        case .itemRemovedNotCovered: "the reader's schema for further elements does not take what the writer wrote here"
        case .itemAddedNotCovered: "the writer's schema for further elements allowed something else here"
        case .enumArrayNarrowed, .codeListNarrowed: "the reader lacks values that the writer had"
        case .enumArrayChanged: "the values of the two schemas differ"
        case .combinedTypeChanged: "allOf, anyOf and oneOf are exchanged for each other"
        case .productTypeExtended: "the reader's allOf asks for more than the writer's"
        case .sumTypeNarrowed: "the reader offers fewer alternatives than the writer"
        case .combinedTypeSubschemasChanged: "the reader has no counterpart for some of the writer's schemas here"
        case .notTypeExtended: "the reader rules out more than the writer"
        case .comparisonTooLarge: "the two schemas are too large to compare within \(SchemaLimits.comparedSchemasMax) steps; nobody knows"
        }
    }
}
